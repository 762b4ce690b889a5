#include "candidates.h"

#include <cmath>
#include <cstring>

namespace lanecast {
namespace {

int32_t key_of(float class_index) {
  const float canonical = class_index + 0.0f;  // -0 is 0
  int32_t key;
  std::memcpy(&key, &canonical, sizeof key);
  return key;
}

}  // namespace

void Candidates::collect(const float *output, uint32_t n, const Limits &limits) {
  boxes_.clear();
  scores_.clear();
  classes_.clear();
  class_keys_.clear();
  const float *const centre_x = output;
  const float *const centre_y = centre_x + n;
  const float *const widths = centre_y + n;
  const float *const heights = widths + n;
  const float *const scores = heights + n;
  const float *const classes = scores + n;
  for (uint32_t i = 0; i < n; i++) {
    const float score = scores[i];
    if (!(score >= limits.score_threshold) || std::isinf(score)) continue;
    // In double, as the TypeScript twin's numbers are.
    const double x = centre_x[i], y = centre_y[i], width = widths[i], height = heights[i];
    if (!std::isfinite(x + y + width + height) || !(width > 0 && height > 0)) continue;
    const float class_index = classes[i];
    if (!(class_index >= 0 && class_index < limits.class_count)) continue;
    boxes_.insert(boxes_.end(), {static_cast<float>(x - width / 2), static_cast<float>(y - height / 2),
                                 static_cast<float>(x + width / 2), static_cast<float>(y + height / 2)});
    scores_.push_back(score);
    classes_.push_back(class_index);
    class_keys_.push_back(key_of(class_index));
  }
}

void Candidates::write_row(uint32_t index, float *row) const {
  std::memcpy(row, &boxes_[4 * static_cast<size_t>(index)], 4 * sizeof *row);
  row[4] = scores_[index];
  row[5] = classes_[index];
}

}  // namespace lanecast
