// The inner loop: one box against a run of others, in SIMD. Plain float32 arithmetic, every operation rounded; the
// variants differ only in how many lanes they do at once.
#ifndef LANECAST_OVERLAP_H
#define LANECAST_OVERLAP_H

#include <cstdint>

namespace lanecast {

// Boxes as columns, so that a run of them is a run of memory.
struct Columns {
  const float *x1, *y1, *x2, *y2, *area;
};

struct Box {
  float x1, y1, x2, y2, area;
};

// Area in float32; 0 for an inverted box. Boxes interact only if it is positive and finite: without area the
// intersection is 0, with an infinite one the IoU is 0 or not a number, and neither is greater than a threshold >= 0.
inline float area_of(float x1, float y1, float x2, float y2) {
  const float width = x2 - x1;
  const float height = y2 - y1;
  return (width > 0 ? width : 0) * (height > 0 ? height : 0);
}

// Sets dead[i] (to anything but 0) for every box i of begin .. end - 1 whose IoU with `box` is greater than the
// threshold. Works in steps of OVERLAP_STEP boxes: columns and flags go on that far beyond the last box, and boxes after
// `end` may be marked too, if their IoU is.
constexpr uint32_t OVERLAP_STEP = 8;
using MarkOverlaps = void (*)(const Columns &columns, uint32_t begin, uint32_t end, const Box &box, float iou_threshold,
                              uint8_t *dead);

// The widest variant that this processor runs.
extern const MarkOverlaps mark_overlaps;

// Every variant that this processor runs, for tests; ends with a null.
const MarkOverlaps *mark_overlaps_variants();

}  // namespace lanecast

#endif
