// From a detector's raw output to boxes: threshold and transposition in one pass.
#ifndef LANECAST_CANDIDATES_H
#define LANECAST_CANDIDATES_H

#include <cstdint>
#include <vector>

namespace lanecast {

// The boxes of one image that count. Keeps its memory from call to call.
class Candidates {
 public:
  struct Limits {
    float score_threshold;
    float class_count;
  };

  // Reads [6, n]: centre x, centre y, width, height, score, class. Candidates below the score threshold, not finite,
  // without area or of a class that does not exist are left out.
  void collect(const float *output, uint32_t n, const Limits &limits);

  uint32_t count() const { return static_cast<uint32_t>(scores_.size()); }
  const float *boxes() const { return boxes_.data(); }
  const float *scores() const { return scores_.data(); }
  // Equal integers for equal classes.
  const int32_t *class_keys() const { return class_keys_.data(); }
  // x1, y1, x2, y2, score, class.
  void write_row(uint32_t index, float *row) const;

 private:
  std::vector<float> boxes_, scores_, classes_;
  std::vector<int32_t> class_keys_;
};

}  // namespace lanecast

#endif
