// What both ways of suppression share: the order of boxes, and the test of two boxes, in exactly the float32 steps that
// the TypeScript twin takes. The intrinsics round each operation by itself, whatever flags the compiler is given.
#ifndef LANECAST_BOX_MATH_CUH
#define LANECAST_BOX_MATH_CUH

#include <cfloat>
#include <cstdint>

namespace lanecast {

// A box is a float4: x1, y1, x2, y2.

// Of a box that takes no part: sorts behind every box that does.
constexpr uint32_t kNoKey = 0xFFFFFFFFu;

// Ascending keys are descending scores; equal scores, -0 and 0 among them, have equal keys.
__device__ __forceinline__ uint32_t score_key(float score) {
  const uint32_t bits = __float_as_uint(__fadd_rn(score, 0.0f));
  const uint32_t ascending = (bits & 0x80000000u) ? ~bits : bits | 0x80000000u;
  return ~ascending;
}

// kNoKey if a coordinate or the score is not finite, or the score is below the threshold.
__device__ __forceinline__ uint32_t key_of(float4 box, float score, float score_threshold) {
  const bool usable = isfinite(box.x) && isfinite(box.y) && isfinite(box.z) && isfinite(box.w) && isfinite(score) &&
                      score >= score_threshold;
  return usable ? score_key(score) : kNoKey;
}

__device__ __forceinline__ float area_of(float4 box) {
  return __fmul_rn(fmaxf(0.0f, __fsub_rn(box.z, box.x)), fmaxf(0.0f, __fsub_rn(box.w, box.y)));
}

// IoU > threshold. Without a common area the quotient is 0 or not a number, and no threshold (>= 0) is below that.
// A product tells what the quotient will be unless the two are within a few units in the last place; where the product
// might underflow, or is infinite, the quotient is computed as well.
__device__ __forceinline__ bool overlap_too_much(float4 a, float area_a, float4 b, float area_b, float threshold) {
  const float width = __fsub_rn(fminf(a.z, b.z), fmaxf(a.x, b.x));
  const float height = __fsub_rn(fminf(a.w, b.w), fmaxf(a.y, b.y));
  if (!(width > 0.0f && height > 0.0f)) return false;
  const float both = __fmul_rn(width, height);
  const float either = __fsub_rn(__fadd_rn(area_a, area_b), both);
  const float level = __fmul_rn(threshold, either);
  if (level > 1e-30f) {
    if (both > __fmul_rn(level, 1.000001f)) return true;
    if (both < __fmul_rn(level, 0.999999f)) return false;
  }
  return __fdiv_rn(both, either) > threshold;
}

}  // namespace lanecast

#endif
