// Images of up to 1,024 boxes each: one block sorts and settles an image in shared memory, in a single launch that
// reads its input from, and writes its result to, pinned host memory. For such sizes the launches and copies of
// anything cleverer would cost more than the work.
#ifndef LANECAST_SMALL_IMAGES_CUH
#define LANECAST_SMALL_IMAGES_CUH

#include "box_math.cuh"

namespace lanecast {

constexpr uint32_t kSmallImage = 1024;
constexpr uint32_t kSmallSingle = 512;

struct SmallArguments {
  const float4 *boxes;
  const float *scores;
  const int32_t *classes;   // may be null
  const uint32_t *offsets;  // [images + 1]
  float iou_threshold;
  float score_threshold;
  uint32_t max_detections;
  int32_t *kept;      // [total]: image b's at offsets[b], relative to offsets[b]
  uint32_t *counts;   // [images]
};

// Ascending, one key a thread; THREADS is a power of two. Exchanges within a warp need no shared memory.
template <int THREADS>
__device__ __forceinline__ uint64_t bitonic_sort(uint64_t key, uint64_t *shared) {
  const uint32_t me = threadIdx.x;
  for (uint32_t size = 2; size <= THREADS; size *= 2) {
    for (uint32_t distance = size / 2; distance > 0; distance /= 2) {
      uint64_t other;
      if (distance < 32) {
        other = __shfl_xor_sync(0xFFFFFFFFu, key, distance);
      } else {
        __syncthreads();
        shared[me] = key;
        __syncthreads();
        other = shared[me ^ distance];
      }
      const bool ascending = (me & size) == 0;
      const bool lower = (me & distance) == 0;
      key = (lower == ascending) == (key < other) ? key : other;
    }
  }
  return key;
}

template <int THREADS>
__global__ void __launch_bounds__(THREADS) small_images_kernel(SmallArguments a) {
  __shared__ uint64_t keys[THREADS];
  __shared__ float4 boxes[THREADS];
  __shared__ float areas[THREADS];
  __shared__ int32_t classes[THREADS];
  __shared__ uint32_t kept_of[THREADS / 32];

  const uint32_t me = threadIdx.x, lane = me % 32, warp = me / 32;
  const uint32_t first = a.offsets[blockIdx.x];
  const uint32_t count = a.offsets[blockIdx.x + 1] - first;

  uint64_t key = ~0ull;
  if (me < count) {
    const float4 box = a.boxes[first + me];
    const uint32_t score = key_of(box, a.scores[first + me], a.score_threshold);
    if (score != kNoKey) key = static_cast<uint64_t>(score) << 32 | me;
    boxes[me] = box;
    classes[me] = a.classes ? a.classes[first + me] : 0;
  }
  key = bitonic_sort<THREADS>(key, keys);
  const uint32_t index = static_cast<uint32_t>(key);
  const uint32_t usable = __syncthreads_count(key != ~0ull);
  const bool present = me < usable;
  const float4 box = present ? boxes[index] : float4{};
  const int32_t own_class = present ? classes[index] : 0;
  const float area = area_of(box);
  __syncthreads();
  boxes[me] = box;
  classes[me] = own_class;
  areas[me] = area;
  __syncthreads();

  // Of the better boxes in the same warp, those that exclude this one.
  uint32_t rivals = 0;
  if (present) {
    for (uint32_t l = 0; l < lane; l++) {
      const uint32_t other = warp * 32 + l;
      if (classes[other] == own_class && overlap_too_much(boxes[other], areas[other], box, area, a.iou_threshold))
        rivals |= 1u << l;
    }
  }

  bool alive = present;
  uint32_t total = 0;
  const uint32_t chunks = (usable + 31) / 32;
  uint32_t settled = 0;
  for (; settled < chunks && (a.max_detections == 0 || total < a.max_detections); settled++) {
    if (warp == settled) {
      uint32_t kept = 0, open = __ballot_sync(0xFFFFFFFFu, alive);
      while (open) {  // a box is kept once no open or kept rival is before it
        const uint32_t now = __ballot_sync(0xFFFFFFFFu, (open >> lane & 1) && !(rivals & open));
        kept |= now;
        open &= ~now;
        open &= ~__ballot_sync(0xFFFFFFFFu, (rivals & now) != 0);
      }
      if (lane == 0) kept_of[settled] = kept;
    }
    __syncthreads();
    uint32_t kept = kept_of[settled];
    total += __popc(kept);
    if (warp <= settled) continue;
    const uint32_t chunk = settled * 32;
    if (__popc(kept) > 8) {  // tests that do not wait for one another
#pragma unroll 8
      for (uint32_t l = 0; l < 32; l++) {
        const uint32_t other = chunk + l;
        const bool rival = (kept >> l & 1) && classes[other] == own_class;
        if (rival && overlap_too_much(boxes[other], areas[other], box, area, a.iou_threshold)) alive = false;
      }
      kept = 0;
    }
    while (alive && kept) {
      const uint32_t other = chunk + __ffs(kept) - 1;
      kept &= kept - 1;
      alive = classes[other] != own_class ||
              !overlap_too_much(boxes[other], areas[other], box, area, a.iou_threshold);
    }
  }

  if (warp < settled) {
    const uint32_t kept = kept_of[warp];
    uint32_t place = __popc(kept & ((1u << lane) - 1));
    for (uint32_t w = 0; w < warp; w++) place += __popc(kept_of[w]);
    if ((kept >> lane & 1) && (a.max_detections == 0 || place < a.max_detections))
      a.kept[first + place] = static_cast<int32_t>(index);
  }
  if (me == 0) a.counts[blockIdx.x] = a.max_detections && total > a.max_detections ? a.max_detections : total;
}

inline void launch_small_images(const SmallArguments &a, uint32_t images, uint32_t largest, cudaStream_t stream) {
  if (largest <= 128) small_images_kernel<128><<<images, 128, 0, stream>>>(a);
  else if (largest <= 256) small_images_kernel<256><<<images, 256, 0, stream>>>(a);
  else if (largest <= 512) small_images_kernel<512><<<images, 512, 0, stream>>>(a);
  else small_images_kernel<1024><<<images, 1024, 0, stream>>>(a);
}

}  // namespace lanecast

#endif
