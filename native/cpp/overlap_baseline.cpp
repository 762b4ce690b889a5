#include "overlap.h"

namespace lanecast {

// For any processor; compilers vectorise it with what all of its kind have.
void mark_overlaps_baseline(const Columns &columns, uint32_t begin, uint32_t end, const Box &box, float iou_threshold,
                            uint8_t *__restrict dead) {
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

}  // namespace lanecast
