#ifndef LANECAST_BOX_COLUMNS_H
#define LANECAST_BOX_COLUMNS_H

#include <cstddef>
#include <vector>

#include "overlap.h"

namespace lanecast {

// Owns the columns of boxes, with OVERLAP_STEP to spare; grows, never shrinks.
class BoxColumns {
 public:
  void resize(size_t count) {
    if (count <= size_) return;
    size_ = count + count / 4;
    for (std::vector<float> *column : {&x1_, &y1_, &x2_, &y2_, &area_}) column->resize(size_ + OVERLAP_STEP);
  }

  void set(size_t i, const Box &box) {
    x1_[i] = box.x1;
    y1_[i] = box.y1;
    x2_[i] = box.x2;
    y2_[i] = box.y2;
    area_[i] = box.area;
  }

  Box get(size_t i) const { return {x1_[i], y1_[i], x2_[i], y2_[i], area_[i]}; }

  Columns view() const { return {x1_.data(), y1_.data(), x2_.data(), y2_.data(), area_.data()}; }

 private:
  size_t size_ = 0;
  std::vector<float> x1_, y1_, x2_, y2_, area_;
};

}  // namespace lanecast

#endif
