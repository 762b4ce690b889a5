#include "overlap.h"

namespace lanecast {
namespace {

inline __attribute__((always_inline)) void mark(const Columns &columns, uint32_t begin, uint32_t end, const Box &box,
                                                float iou_threshold, uint8_t *__restrict dead) {
  const float *__restrict x1 = columns.x1;
  const float *__restrict y1 = columns.y1;
  const float *__restrict x2 = columns.x2;
  const float *__restrict y2 = columns.y2;
  const float *__restrict area = columns.area;
  const float box_x1 = box.x1, box_y1 = box.y1, box_x2 = box.x2, box_y2 = box.y2, box_area = box.area;
  for (uint32_t i = begin; i < end; i++) {
    const float left = x1[i] > box_x1 ? x1[i] : box_x1;
    const float top = y1[i] > box_y1 ? y1[i] : box_y1;
    const float right = x2[i] < box_x2 ? x2[i] : box_x2;
    const float bottom = y2[i] < box_y2 ? y2[i] : box_y2;
    const float width = right - left;
    const float height = bottom - top;
    const float intersection = (width > 0 ? width : 0.0f) * (height > 0 ? height : 0.0f);
    const float both = (box_area + area[i]) - intersection;
    dead[i] |= static_cast<uint8_t>(intersection / both > iou_threshold);
  }
}

void mark_baseline(const Columns &columns, uint32_t begin, uint32_t end, const Box &box, float iou_threshold,
                   uint8_t *dead) {
  mark(columns, begin, end, box, iou_threshold, dead);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) void mark_avx2(const Columns &columns, uint32_t begin, uint32_t end, const Box &box,
                                               float iou_threshold, uint8_t *dead) {
  mark(columns, begin, end, box, iou_threshold, dead);
}
#endif

struct Variants {
  MarkOverlaps list[3] = {nullptr, nullptr, nullptr};

  Variants() {
    int count = 0;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2")) list[count++] = mark_avx2;
#endif
    list[count] = mark_baseline;
  }
};

const Variants variants;

}  // namespace

const MarkOverlaps mark_overlaps = variants.list[0];

const MarkOverlaps *mark_overlaps_variants() { return variants.list; }

}  // namespace lanecast
