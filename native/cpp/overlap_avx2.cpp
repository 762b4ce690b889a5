// Compiled with -mavx2 on x86-64; empty elsewhere.
#if defined(__AVX2__)
#include <immintrin.h>

#include <cstring>

#include "overlap.h"

namespace lanecast {

// Eight at a time, also the last ones: most runs are short.
void mark_overlaps_avx2(const Columns &columns, uint32_t begin, uint32_t end, const Box &box, float iou_threshold,
                        uint8_t *dead) {
  const __m256 box_x1 = _mm256_set1_ps(box.x1), box_y1 = _mm256_set1_ps(box.y1);
  const __m256 box_x2 = _mm256_set1_ps(box.x2), box_y2 = _mm256_set1_ps(box.y2);
  const __m256 box_area = _mm256_set1_ps(box.area), threshold = _mm256_set1_ps(iou_threshold);
  const __m256 zero = _mm256_setzero_ps();
  for (uint32_t i = begin; i < end; i += OVERLAP_STEP) {
    const __m256 left = _mm256_max_ps(_mm256_loadu_ps(columns.x1 + i), box_x1);
    const __m256 top = _mm256_max_ps(_mm256_loadu_ps(columns.y1 + i), box_y1);
    const __m256 right = _mm256_min_ps(_mm256_loadu_ps(columns.x2 + i), box_x2);
    const __m256 bottom = _mm256_min_ps(_mm256_loadu_ps(columns.y2 + i), box_y2);
    const __m256 width = _mm256_max_ps(_mm256_sub_ps(right, left), zero);
    const __m256 height = _mm256_max_ps(_mm256_sub_ps(bottom, top), zero);
    const __m256 intersection = _mm256_mul_ps(width, height);
    const __m256 areas = _mm256_add_ps(box_area, _mm256_loadu_ps(columns.area + i));
    const __m256 iou = _mm256_div_ps(intersection, _mm256_sub_ps(areas, intersection));
    const int over = _mm256_movemask_ps(_mm256_cmp_ps(iou, threshold, _CMP_GT_OQ));
    if (over == 0) continue;
    // Bit k of `over` makes byte k differ from 0.
    const uint64_t spread = static_cast<uint64_t>(over) * 0x0101010101010101u & 0x8040201008040201u;
    uint64_t flags;
    std::memcpy(&flags, dead + i, sizeof flags);
    flags |= spread;
    std::memcpy(dead + i, &flags, sizeof flags);
  }
}

}  // namespace lanecast
#endif
