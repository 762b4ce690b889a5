#include "box_grid.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "radix_sort.h"

namespace lanecast {
namespace {

constexpr float WILD_AREA = 0x1p-96f;
constexpr double LEAST_BOUND = 0x1p-20;
// Widths of float32 boxes: from 2^-149 to less than 2^129.
constexpr int LEAST_LEVEL = -149;
constexpr int LEVELS = 280;
// Cells are at least this power of two below the size of the group's boxes, however high the threshold.
constexpr int SMALLEST_CELL = -6;
// Places in x are this much finer than the rows: they cost nothing but bits of the sort key.
constexpr int FINER_X = 2;
// So many boxes are compared sooner than the right ones among them are found.
constexpr uint32_t FEW = 64;

int level_of(double size) {
  uint64_t bits;
  std::memcpy(&bits, &size, sizeof bits);
  return static_cast<int>(bits >> 52 & 0x7ff) - 1023;
}

double power_of_two(int exponent) {
  const uint64_t bits = static_cast<uint64_t>(exponent + 1023) << 52;
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

int64_t floor_of(double value) {
  const int64_t truncated = static_cast<int64_t>(value);
  return truncated - (static_cast<double>(truncated) > value);
}

unsigned bits_for(uint64_t largest) {
  unsigned bits = 0;
  while (bits < 64 && largest >> bits != 0) bits++;
  return bits;
}

struct Shape {
  double centre_x, centre_y, width, height;

  explicit Shape(const Box &box)
      : centre_x((static_cast<double>(box.x1) + box.x2) / 2),
        centre_y((static_cast<double>(box.y1) + box.y2) / 2),
        width(static_cast<double>(box.x2) - box.x1),
        height(static_cast<double>(box.y2) - box.y1) {}
};

}  // namespace

struct BoxGrid::Query {
  Box box;
  Shape shape;
  double least_width, most_width, least_height, most_height;
};

uint32_t BoxGrid::group_of(int width_level, int height_level) {
  uint32_t &id = group_ids_[static_cast<size_t>(width_level - LEAST_LEVEL) * LEVELS +
                            static_cast<size_t>(height_level - LEAST_LEVEL)];
  if (id == 0) {
    const int cell = static_cast<int>(cell_shift_) + SMALLEST_CELL;
    groups_.push_back({width_level, height_level, INT64_MAX, INT64_MIN, INT64_MAX, INT64_MIN,
                       power_of_two(FINER_X - width_level - cell), power_of_two(-height_level - cell), 0, 0});
    id = static_cast<uint32_t>(groups_.size());
  }
  return id - 1;
}

void BoxGrid::forget_groups() {
  for (const Group &group : groups_) {
    group_ids_[static_cast<size_t>(group.width_level - LEAST_LEVEL) * LEVELS +
               static_cast<size_t>(group.height_level - LEAST_LEVEL)] = 0;
  }
  groups_.clear();
}

void BoxGrid::build(const BoxColumns &boxes, uint32_t count, float iou_threshold) {
  iou_threshold_ = iou_threshold;
  bound_ = iou_threshold >= LEAST_BOUND ? iou_threshold * (1 - 4e-6) : 0;
  reach_ = (1 - bound_) / (2 * (1 + bound_)) * (1 + 1e-6);
  // Rows about as high as a typical reach, 2 * 1.5 * size * reach_, rounded down to a power of two.
  cell_shift_ = static_cast<unsigned>(std::clamp(level_of(3 * reach_), SMALLEST_CELL, 0) - SMALLEST_CELL);
  group_ids_.resize(static_cast<size_t>(LEVELS) * LEVELS);
  forget_groups();
  count_ = count;
  classify(boxes, count);
  sort_items();
  lay_out(boxes);
}

// Finds every box's group and cell.
void BoxGrid::classify(const BoxColumns &boxes, uint32_t count) {
  member_group_.resize(count);
  member_x_.resize(count);
  member_y_.resize(count);
  wild_.clear();
  sorted_.clear();
  for (uint32_t i = 0; i < count; i++) {
    const Box box = boxes.get(i);
    if (box.area < WILD_AREA) {
      wild_.push_back(i);
      continue;
    }
    const Shape shape(box);
    const uint32_t id = group_of(level_of(shape.width), level_of(shape.height));
    Group &group = groups_[id];
    const int64_t x = floor_of(shape.centre_x * group.cells_per_x);
    const int64_t y = floor_of(shape.centre_y * group.cells_per_y);
    // Seldom true after the first few boxes: cheaper than to store each time.
    if (x < group.min_cell_x) group.min_cell_x = x;
    if (x > group.max_cell_x) group.max_cell_x = x;
    if (y < group.min_cell_y) group.min_cell_y = y;
    if (y > group.max_cell_y) group.max_cell_y = y;
    member_group_[i] = id;
    member_x_[i] = x;
    member_y_[i] = y;
    sorted_.push_back(i);
  }
}

// Sorts by group, then row, then x. Where 64 bits are too few, x is taken more coarsely.
void BoxGrid::sort_items() {
  uint64_t widest_x = 0, widest_y = 0;
  for (const Group &group : groups_) {
    widest_x = std::max(widest_x, static_cast<uint64_t>(group.max_cell_x - group.min_cell_x));
    widest_y = std::max(widest_y, static_cast<uint64_t>(group.max_cell_y - group.min_cell_y));
  }
  const unsigned group_bits = bits_for(groups_.empty() ? 0 : groups_.size() - 1);
  // |centre| < 2^25 * size and cells >= 2^-6 of it (2^-8 in x): rows need at most 32 bits, groups 17.
  y_bits_ = bits_for(widest_y);
  x_bits_ = bits_for(widest_x);
  x_drop_ = 0;
  const unsigned room = std::min(32u, 64 - group_bits - y_bits_);
  if (x_bits_ > room) {
    x_drop_ = x_bits_ - room;
    x_bits_ = room;
  }
  const auto key_of = [&](uint32_t i) {
    const Group &group = groups_[member_group_[i]];
    const uint64_t y = static_cast<uint64_t>(member_y_[i] - group.min_cell_y);
    const uint64_t x = static_cast<uint64_t>(member_x_[i] - group.min_cell_x) >> x_drop_;
    return (static_cast<uint64_t>(member_group_[i]) << y_bits_ | y) << x_bits_ | x;
  };
  const unsigned key_bits = group_bits + y_bits_ + x_bits_;
  const size_t count = sorted_.size();
  if (key_bits <= 32) {
    small_items_.resize(count);
    for (size_t n = 0; n < count; n++) small_items_[n] = key_of(sorted_[n]) << 32 | sorted_[n];
    radix_sort(small_items_, spare_small_items_, key_bits, [](uint64_t item) { return item >> 32; });
    for (size_t n = 0; n < count; n++) sorted_[n] = static_cast<uint32_t>(small_items_[n]);
  } else {
    items_.resize(count);
    for (size_t n = 0; n < count; n++) items_[n] = {key_of(sorted_[n]), sorted_[n]};
    radix_sort(items_, spare_items_, key_bits, [](const Item &item) { return item.key; });
    for (size_t n = 0; n < count; n++) sorted_[n] = items_[n].index;
  }
}

// Puts the boxes in their sorted places, the wild ones last, and lists the rows.
void BoxGrid::lay_out(const BoxColumns &boxes) {
  wild_begin_ = static_cast<uint32_t>(sorted_.size());
  columns_.resize(count_);
  place_of_.resize(count_);
  cell_x_.resize(wild_begin_);
  rows_.clear();
  uint32_t last_group = UINT32_MAX, last_y = 0;
  for (uint32_t place = 0; place < wild_begin_; place++) {
    const uint32_t i = sorted_[place];
    const uint32_t id = member_group_[i];
    Group &group = groups_[id];
    const uint32_t y = static_cast<uint32_t>(member_y_[i] - group.min_cell_y);
    if (id != last_group) {
      if (last_group != UINT32_MAX) groups_[last_group].end_row = static_cast<uint32_t>(rows_.size());
      group.first_row = static_cast<uint32_t>(rows_.size());
    }
    if (id != last_group || y != last_y) rows_.push_back({y, place});
    last_group = id;
    last_y = y;
    columns_.set(place, boxes.get(i));
    cell_x_[place] = static_cast<uint32_t>(static_cast<uint64_t>(member_x_[i] - group.min_cell_x) >> x_drop_);
    place_of_[i] = place;
  }
  if (last_group != UINT32_MAX) groups_[last_group].end_row = static_cast<uint32_t>(rows_.size());
  rows_.push_back({0, wild_begin_});
  for (uint32_t n = 0; n < wild_.size(); n++) {
    columns_.set(wild_begin_ + n, boxes.get(wild_[n]));
    place_of_[wild_[n]] = wild_begin_ + n;
  }
}

void BoxGrid::mark_neighbours(uint32_t place, MarkOverlaps mark, uint8_t *dead) const {
  const Box box = columns_.get(place);
  if (place >= wild_begin_) {
    mark(columns_.view(), 0, count_, box, iou_threshold_, dead);
    return;
  }
  const Shape shape(box);
  Query query = {box, shape, 0, INFINITY, 0, INFINITY};
  if (bound_ > 0) {
    query.least_width = shape.width * bound_;
    query.most_width = shape.width / bound_;
    query.least_height = shape.height * bound_;
    query.most_height = shape.height / bound_;
  }
  for (const Group &group : groups_) scan(group, query, mark, dead);
  if (wild_begin_ < count_) mark(columns_.view(), wild_begin_, count_, box, iou_threshold_, dead);
}

void BoxGrid::scan(const Group &group, const Query &query, MarkOverlaps mark, uint8_t *dead) const {
  const double group_width = power_of_two(group.width_level);
  const double group_height = power_of_two(group.height_level);
  if (2 * group_width <= query.least_width || group_width > query.most_width) return;
  if (2 * group_height <= query.least_height || group_height > query.most_height) return;
  const double reach_x = reach_ * (query.shape.width + std::min(2 * group_width, query.most_width));
  const double reach_y = reach_ * (query.shape.height + std::min(2 * group_height, query.most_height));
  // Clamped before they become integers.
  const double first_x = (query.shape.centre_x - reach_x) * group.cells_per_x;
  const double last_x = (query.shape.centre_x + reach_x) * group.cells_per_x;
  const double first_y = (query.shape.centre_y - reach_y) * group.cells_per_y;
  const double last_y = (query.shape.centre_y + reach_y) * group.cells_per_y;
  const double beyond_x = static_cast<double>(group.max_cell_x) + 1;
  const double beyond_y = static_cast<double>(group.max_cell_y) + 1;
  const double least_x = static_cast<double>(group.min_cell_x);
  const double least_y = static_cast<double>(group.min_cell_y);
  if (first_x >= beyond_x || last_x < least_x || first_y >= beyond_y || last_y < least_y) return;
  const auto relative = [](double cell, int64_t least, int64_t most) {
    if (cell <= static_cast<double>(least)) return uint64_t{0};
    if (cell >= static_cast<double>(most)) return static_cast<uint64_t>(most - least);
    return static_cast<uint64_t>(floor_of(cell) - least);
  };
  const uint64_t y0 = relative(first_y, group.min_cell_y, group.max_cell_y);
  const uint64_t y1 = relative(last_y, group.min_cell_y, group.max_cell_y);
  const uint64_t x0 = relative(first_x, group.min_cell_x, group.max_cell_x) >> x_drop_;
  const uint64_t x1 = relative(last_x, group.min_cell_x, group.max_cell_x) >> x_drop_;
  const Columns columns = columns_.view();
  const Row *const end_row = rows_.data() + group.end_row;
  const Row *row = std::lower_bound(rows_.data() + group.first_row, end_row, y0,
                                    [](const Row &r, uint64_t y) { return r.cell_y < y; });
  const Row *last = row;
  while (last != end_row && last->cell_y <= y1) last++;
  if (last->begin - row->begin <= FEW) {
    if (last != row) mark(columns, row->begin, last->begin, query.box, iou_threshold_, dead);
    return;
  }
  for (; row != last; row++) {
    uint32_t begin = row[0].begin, end = row[1].begin;
    if (end - begin > FEW) {
      const uint32_t *const cells = cell_x_.data();
      begin = static_cast<uint32_t>(std::lower_bound(cells + begin, cells + end, x0) - cells);
      end = static_cast<uint32_t>(std::upper_bound(cells + begin, cells + end, x1) - cells);
    }
    if (begin != end) mark(columns, begin, end, query.box, iou_threshold_, dead);
  }
}

}  // namespace lanecast
