// A spatial index of boxes, built once for all of them: finds, for one box, those that it could possibly suppress.
//
// Let t be the IoU threshold, I the intersection of boxes a and b (areas A and B), and IoU = I / (A + B - I) > t.
//
// 1. Sizes. Say wa <= wb. I <= wa * hb and A + B - I >= B = wb * hb, so t < IoU <= wa / wb. The same for heights: both
//    ratios are greater than t.
// 2. Places. With s = t / (1 + t): I > s * (A + B). Let dx be the distance of the centres in x; then the intersection is
//    at most (wa + wb) / 2 - dx wide and min(ha, hb) high, and A + B >= min(ha, hb) * (wa + wb). Therefore
//    (wa + wb) / 2 - dx > s * (wa + wb), that is dx < (wa + wb) * (1 - t) / (2 * (1 + t)). The same in y.
//
// That is for real numbers; the IoU that counts is the one in float32. Differences of floats have a relative error of at
// most u = 2^-24, so each side, product, sum and the quotient together stay within 16 u < 1e-6 of the real IoU as long
// as nothing underflows (the subtraction of I is harmless: what remains is at least half of A + B). So the bounds are
// taken for t * (1 - 4e-6) instead of t. Centres and sizes are taken in double: a box that has a width at all has one of
// at least 2^-24 of its coordinates, so a centre's error is below 2^-27 of the width, for which the distances are
// widened by 1e-6. Underflow: boxes of an area below 2^-96 ("wild") are compared with all boxes; for the rest
// I > t * 2^-97 is a normal number if t >= 2^-20, and for smaller t the bounds are taken for t = 0, which need nothing
// but a real intersection.
#ifndef LANECAST_BOX_GRID_H
#define LANECAST_BOX_GRID_H

#include <cstdint>
#include <vector>

#include "box_columns.h"

namespace lanecast {

// Boxes are grouped by the powers of two of their width and height. Each group is a grid of its own, with cells as large
// as its reach, of which only the rows that have boxes are stored; in a row, boxes are sorted by x.
class BoxGrid {
 public:
  // Indexes the first `count` boxes, all of finite, positive area.
  void build(const BoxColumns &boxes, uint32_t count, float iou_threshold);

  // Where box i went. Flags of boxes are kept by place.
  uint32_t place_of(uint32_t i) const { return place_of_[i]; }

  // Sets dead[p] for every place p whose box has an IoU with the box at `place` that is greater than the threshold; the
  // box itself may be marked too.
  void mark_neighbours(uint32_t place, MarkOverlaps mark, uint8_t *dead) const;

 private:
  struct Group {
    int width_level, height_level;
    int64_t min_cell_x, max_cell_x, min_cell_y, max_cell_y;
    double cells_per_x, cells_per_y;
    uint32_t first_row, end_row;
  };
  struct Row {
    uint32_t cell_y;  // relative to the group's least
    uint32_t begin;   // the next row's begin is its end
  };
  struct Item {
    uint64_t key;
    uint32_t index;
  };
  struct Query;

  uint32_t group_of(int width_level, int height_level);
  void forget_groups();
  void scan(const Group &group, const Query &query, MarkOverlaps mark, uint8_t *dead) const;
  void classify(const BoxColumns &boxes, uint32_t count);
  void sort_items();
  void lay_out(const BoxColumns &boxes);

  float iou_threshold_ = 0;
  double bound_ = 0;  // the t of the bounds
  double reach_ = 0;  // of a pair: (wa + wb) * reach_
  unsigned cell_shift_ = 0;
  unsigned y_bits_ = 0, x_bits_ = 0, x_drop_ = 0;
  uint32_t wild_begin_ = 0, count_ = 0;

  std::vector<uint32_t> group_ids_;  // [width level][height level]; 0: none, else id + 1
  std::vector<Group> groups_;
  std::vector<Row> rows_;
  std::vector<uint32_t> place_of_, member_group_;
  std::vector<int64_t> member_x_, member_y_;
  std::vector<Item> items_, spare_items_;
  std::vector<uint64_t> small_items_, spare_small_items_;
  std::vector<uint32_t> sorted_;
  std::vector<uint32_t> cell_x_;  // by place, relative to the group's least, without the lowest x_drop_ bits
  std::vector<uint32_t> wild_;
  BoxColumns columns_;
};

}  // namespace lanecast

#endif
