#include "cpu_nms.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "radix_sort.h"

namespace lanecast {
namespace {

uint32_t index_of(uint64_t item) { return static_cast<uint32_t>(item); }

// Ascending keys for falling scores. Adding 0 makes -0 equal to 0.
uint32_t falling_key(float score) {
  const float canonical = score + 0.0f;
  uint32_t bits;
  std::memcpy(&bits, &canonical, sizeof bits);
  return bits & 0x80000000u ? bits : ~bits & 0x7fffffffu;
}

bool is_finite(const float *box) {
  return std::isfinite(box[0]) && std::isfinite(box[1]) && std::isfinite(box[2]) && std::isfinite(box[3]);
}

}  // namespace

void CpuNms::run(const LanecastNmsProblem &problem, int32_t *kept, uint32_t *kept_offsets) {
  uint32_t total = 0;
  kept_offsets[0] = 0;
  for (uint32_t b = 0; b < problem.images; b++) {
    const uint32_t at = problem.offsets[b];
    const Image image = {problem.boxes + 4 * static_cast<size_t>(at), problem.scores + at,
                         problem.classes ? problem.classes + at : nullptr, problem.offsets[b + 1] - at};
    total += suppress_image(image, problem, kept + total);
    kept_offsets[b + 1] = total;
  }
}

uint32_t CpuNms::suppress_image(const Image &image, const LanecastNmsProblem &problem, int32_t *kept) {
  order_by_score(image, problem.score_threshold);
  const uint32_t usable = static_cast<uint32_t>(order_.size());
  const uint32_t limit = problem.max_detections ? std::min(problem.max_detections, usable) : usable;
  ranked_.resize(usable);
  suppressed_.assign(usable, 1);
  if (!image.classes) {
    for (uint32_t i = 0; i < usable; i++) ranked_[i] = i;
    suppress_group(image, 0, usable, problem.iou_threshold, limit);
  } else {
    // Boxes of different classes leave each other alone: each class is a problem of its own.
    order_by_class(image);
    for (uint32_t begin = 0; begin < usable;) {
      uint32_t end = begin + 1;
      while (end < usable && by_class_[end] >> 32 == by_class_[begin] >> 32) end++;
      for (uint32_t i = begin; i < end; i++) ranked_[i] = index_of(by_class_[i]);
      suppress_group(image, begin, end, problem.iou_threshold, limit);
      begin = end;
    }
  }
  uint32_t count = 0;
  for (uint32_t i = 0; i < usable && count < limit; i++) {
    if (!suppressed_[i]) kept[count++] = static_cast<int32_t>(index_of(order_[i]));
  }
  return count;
}

void CpuNms::order_by_score(const Image &image, float score_threshold) {
  order_.resize(image.count);
  size_t usable = 0;
  for (uint32_t i = 0; i < image.count; i++) {
    const float score = image.scores[i];
    if (!(score >= score_threshold) || !std::isfinite(score) || !is_finite(image.boxes + 4 * static_cast<size_t>(i))) {
      continue;
    }
    order_[usable++] = static_cast<uint64_t>(falling_key(score)) << 32 | i;
  }
  order_.resize(usable);
  radix_sort(order_, spare_, 32, [](uint64_t item) { return item >> 32; });
}

void CpuNms::order_by_class(const Image &image) {
  by_class_.resize(order_.size());
  for (uint32_t i = 0; i < order_.size(); i++) {
    by_class_[i] = static_cast<uint64_t>(static_cast<uint32_t>(image.classes[index_of(order_[i])])) << 32 | i;
  }
  radix_sort(by_class_, spare_, 32, [](uint64_t item) { return item >> 32; });
}

// Clears suppressed_ of the kept ones among ranked_[begin .. end - 1], which is best first, until `limit` are kept.
uint32_t CpuNms::suppress_group(const Image &image, uint32_t begin, uint32_t end, float iou_threshold,
                                uint32_t limit) {
  // Members are the boxes that can suppress or be suppressed, best first; the others are simply kept.
  columns_.resize(end - begin);
  members_.clear();
  for (uint32_t i = begin; i < end; i++) {
    const float *b = image.boxes + 4 * static_cast<size_t>(index_of(order_[ranked_[i]]));
    const Box box = {b[0], b[1], b[2], b[3], area_of(b[0], b[1], b[2], b[3])};
    const bool interacts = box.area > 0 && std::isfinite(box.area);
    if (interacts) columns_.set(members_.size(), box);
    if (interacts) members_.push_back(ranked_[i]);
    else suppressed_[ranked_[i]] = 0;
  }
  const uint32_t all = static_cast<uint32_t>(members_.size());
  dead_.assign(all + OVERLAP_STEP, 0);
  uint32_t kept = 0;
  const uint32_t settled = settle_crowds(all, iou_threshold, limit, kept);
  if (settled == all || kept == limit) return kept;
  const uint32_t count = keep_open(settled, all);
  grid_.build(columns_, count, iou_threshold);
  for (uint32_t i = 0; i < count && kept < limit; i++) {
    const uint32_t place = grid_.place_of(i);
    if (dead_[place]) continue;
    suppressed_[members_[i]] = 0;
    kept++;
    grid_.mark_neighbours(place, mark_, dead_.data());
  }
  return kept;
}

// Takes boxes one by one, each compared with all that follow, while that pays: always for few boxes, else while a
// handful of kept boxes settles a good part of them, as in a detector's output. Returns the first box not taken.
uint32_t CpuNms::settle_crowds(uint32_t count, float iou_threshold, uint32_t limit, uint32_t &kept) {
  constexpr uint32_t HANDFUL = 8, GOOD_PART = 16;
  const Columns columns = columns_.view();
  uint32_t dead_before = 0, marked = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (dead_[i]) continue;
    if (kept == limit) return i;
    if (count > brute_force_limit_ && marked == HANDFUL) {
      marked = 0;
      uint32_t dead = 0;
      for (uint32_t n = 0; n < count; n++) dead += dead_[n] != 0;
      if ((dead - dead_before) * uint64_t{GOOD_PART} < count - dead_before) return i;
      dead_before = dead;
    }
    suppressed_[members_[i]] = 0;
    kept++;
    marked++;
    mark_(columns, i + 1, count, columns_.get(i), iou_threshold, dead_.data());
  }
  return count;
}

// Leaves only the members of begin .. end - 1 that may still be kept; returns how many.
uint32_t CpuNms::keep_open(uint32_t begin, uint32_t end) {
  uint32_t count = 0;
  for (uint32_t i = begin; i < end; i++) {
    if (dead_[i]) continue;
    columns_.set(count, columns_.get(i));
    members_[count++] = members_[i];
  }
  members_.resize(count);
  dead_.assign(count + OVERLAP_STEP, 0);
  return count;
}

}  // namespace lanecast
