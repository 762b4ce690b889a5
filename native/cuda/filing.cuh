// Kernels that bring boxes into the order of their scores and file them in the grid.
//
// Up to kCountedBoxes, the place of a box is counted: how many keys are smaller? That is quadratic, but 10,000 boxes
// make 10^8 comparisons, some microseconds, where a radix sort needs a dozen launches. Above, the boxes are sorted twice.
#ifndef LANECAST_FILING_CUH
#define LANECAST_FILING_CUH

#include "settle.cuh"

namespace lanecast {

constexpr uint32_t kCountedBoxes = 12288;

// The caller's boxes, in device memory or pinned host memory.
struct Input {
  const float4 *boxes;
  const float *scores;
  const int32_t *classes;   // may be null
  const uint32_t *offsets;  // [images + 1]
  uint32_t images, total;
  float score_threshold;
};

// Per box, in the caller's order.
struct Filed {
  float4 *boxes;
  uint32_t *keys;
  uint32_t *buckets;
  uint32_t *places;    // its place among the entries of its bucket
  uint32_t *ranks;
  uint32_t *bucket_counts;
};

__device__ __forceinline__ uint64_t tag_of(const Input &in, uint32_t i) {
  uint32_t image = 0;
  if (in.images > 1) {
    uint32_t low = 0, high = in.images;  // the last image that begins at or before i, and is not empty
    while (high - low > 1) {
      const uint32_t middle = low + (high - low) / 2;
      if (in.offsets[middle] <= i) low = middle;
      else high = middle;
    }
    image = low;
  }
  const uint32_t its_class = in.classes ? static_cast<uint32_t>(in.classes[i]) : 0;
  return static_cast<uint64_t>(image) << 32 | its_class;
}

__device__ __forceinline__ void count_usable(Counters *counters, bool usable) {
  const uint32_t votes = __ballot_sync(kFull, usable);
  if (threadIdx.x % 32 == 0 && votes) atomicAdd(&counters->usable, static_cast<uint32_t>(__popc(votes)));
}

// --- counted: one image ------------------------------------------------------------------------------------------

__global__ void __launch_bounds__(256) key_kernel(Input in, CellGeometry g, Filed filed, Counters *counters) {
  const uint32_t i = blockIdx.x * 256 + threadIdx.x;
  uint32_t key = kNoKey;
  if (i < in.total) {
    const float4 box = in.boxes[i];
    key = key_of(box, in.scores[i], in.score_threshold);
    uint32_t bucket = no_bucket(g);
    if (key != kNoKey) {
      bucket = bucket_of(g, box, tag_of(in, i));
      if (bucket <= wild_bucket(g)) filed.places[i] = atomicAdd(&filed.bucket_counts[bucket], 1u);
    }
    filed.boxes[i] = box;
    filed.keys[i] = key;
    filed.buckets[i] = bucket;
    filed.ranks[i] = 0;
  }
  count_usable(counters, key != kNoKey);
}

constexpr uint32_t kRankTile = 512;

// ranks[i]: how many boxes are before box i. Grid: 256 boxes i by kRankTile boxes j. The first row also gives each
// bucket in use its room among the entries.
__global__ void __launch_bounds__(256) rank_kernel(uint32_t total, CellGeometry g, Filed filed, Bucket *buckets,
                                                   Counters *counters) {
  __shared__ uint4 others[kRankTile / 4];
  const uint32_t me = threadIdx.x, i = blockIdx.x * 256 + me;
  if (me < kRankTile / 4) {
    const uint32_t j = blockIdx.y * kRankTile + 4 * me;
    uint4 four;
    four.x = j < total ? filed.keys[j] : kNoKey;
    four.y = j + 1 < total ? filed.keys[j + 1] : kNoKey;
    four.z = j + 2 < total ? filed.keys[j + 2] : kNoKey;
    four.w = j + 3 < total ? filed.keys[j + 3] : kNoKey;
    others[me] = four;
  }
  __syncthreads();
  const uint32_t key = i < total ? filed.keys[i] : kNoKey;
  if (key != kNoKey) {
    // Of equal keys the lower index is before: true of every key in lower fours, of some in its own. Keys of boxes that
    // take part are below kNoKey, so + 1 does not wrap.
    const uint32_t first = blockIdx.y * (kRankTile / 4), own = i / 4;
    uint32_t before = 0;
#pragma unroll 8
    for (uint32_t n = 0; n < kRankTile / 4; n++) {
      const uint4 k = others[n];
      const uint32_t limit = first + n < own ? key + 1 : key;
      before += (k.x < limit) + (k.y < limit) + (k.z < limit) + (k.w < limit);
    }
    if (own - first < kRankTile / 4) {
      const uint32_t *four = reinterpret_cast<const uint32_t *>(&others[own - first]);
      for (uint32_t n = 0; n < i % 4; n++) before += four[n] == key;
    }
    if (before) atomicAdd(&filed.ranks[i], before);
  }
  if (blockIdx.y != 0 || i >= total) return;
  const uint32_t bucket = filed.buckets[i];
  if (bucket > wild_bucket(g) || filed.places[i] != 0) return;
  const uint32_t count = filed.bucket_counts[bucket];
  const uint32_t start = atomicAdd(&counters->cursor, count);
  buckets[bucket] = {start, start + count, kNone, 0};
}

// By rank, and what the settling reads.
struct Ranked {
  float4 *boxes;
  uint64_t *tags;  // null: all the same
  uint32_t *indices;
  uint8_t *states;
  Bucket *buckets;
  uint32_t *entries;
  float4 *entry_boxes;
  uint32_t *entry_of;
};

__global__ void __launch_bounds__(256) file_kernel(Input in, CellGeometry g, Filed filed, Ranked out) {
  const uint32_t i = blockIdx.x * 256 + threadIdx.x;
  if (i >= in.total || filed.keys[i] == kNoKey) return;
  const uint32_t rank = filed.ranks[i], bucket = filed.buckets[i];
  const float4 box = filed.boxes[i];
  out.boxes[rank] = box;
  out.indices[rank] = i;
  if (out.tags) out.tags[rank] = tag_of(in, i);
  out.states[rank] = bucket == lone_bucket(g) ? kKept : kOpen;
  if (bucket > wild_bucket(g)) {
    out.entry_of[rank] = kNone;
    return;
  }
  const uint32_t entry = out.buckets[bucket].start + filed.places[i];
  out.entries[entry] = entry_word(rank, kOpen);
  out.entry_boxes[entry] = box;
  out.entry_of[rank] = entry;
  atomicMin(&out.buckets[bucket].best, rank);
}

// Writes the kept boxes in order, and leaves counters and buckets as they were found. The first block does the former;
// each of its threads takes four states at a time, so that what is read from memory, and written over the bus, lies
// together. The other blocks, one for each 1,024 boxes, clear the buckets.
__global__ void __launch_bounds__(1024) collect_kernel(uint32_t total, CellGeometry g, Filed filed, Ranked ranked,
                                                       Counters *counters, int32_t *kept, uint32_t *kept_count) {
  if (blockIdx.x > 0) {
    const uint32_t i = (blockIdx.x - 1) * 1024 + threadIdx.x;
    const uint32_t bucket = i < total ? filed.buckets[i] : no_bucket(g);
    if (bucket > wild_bucket(g)) return;
    ranked.buckets[bucket] = {};
    filed.bucket_counts[bucket] = 0;
    return;
  }
  __shared__ uint32_t sums[32];
  __shared__ uint32_t found[4096];
  const uint32_t me = threadIdx.x, lane = me % 32, warp = me / 32;
  const uint32_t usable = counters->usable;
  uint32_t done = 0;
  for (uint32_t from = 0; from < usable; from += 4096) {
    const uint32_t rank = from + 4 * me;
    uchar4 states{};
    if (rank < usable) states = *reinterpret_cast<const uchar4 *>(ranked.states + rank);
    const bool a = rank < usable && states.x == kKept, b = rank + 1 < usable && states.y == kKept,
               c = rank + 2 < usable && states.z == kKept, d = rank + 3 < usable && states.w == kKept;
    const uint32_t count = a + b + c + d;
    uint32_t upTo = count;
    for (int step = 1; step < 32; step *= 2) {
      const uint32_t lower = __shfl_up_sync(kFull, upTo, step);
      if (lane >= static_cast<uint32_t>(step)) upTo += lower;
    }
    if (lane == 31) sums[warp] = upTo;
    __syncthreads();
    uint32_t sum = sums[lane];
    for (int step = 1; step < 32; step *= 2) {
      const uint32_t lower = __shfl_up_sync(kFull, sum, step);
      if (lane >= static_cast<uint32_t>(step)) sum += lower;
    }
    const uint32_t before_warp = warp == 0 ? 0 : __shfl_sync(kFull, sum, warp - 1);
    const uint32_t all = __shfl_sync(kFull, sum, 31);
    uint32_t place = before_warp + upTo - count;
    if (a) found[place++] = rank;
    if (b) found[place++] = rank + 1;
    if (c) found[place++] = rank + 2;
    if (d) found[place++] = rank + 3;
    __syncthreads();
    for (uint32_t n = me; n < all; n += 1024) kept[done + n] = static_cast<int32_t>(ranked.indices[found[n]]);
    done += all;
    __syncthreads();
  }
  if (me != 0) return;
  *kept_count = done;
  *counters = {};
}

// --- sorted: any number of images ----------------------------------------------------------------------------------

// Keys for the first sort: image, then score. Boxes without a key go last.
__global__ void __launch_bounds__(256) sort_key_kernel(Input in, uint64_t *keys, uint32_t *indices,
                                                       Counters *counters) {
  const uint32_t i = blockIdx.x * 256 + threadIdx.x;
  uint32_t key = kNoKey;
  if (i < in.total) {
    key = key_of(in.boxes[i], in.scores[i], in.score_threshold);
    const uint64_t image = in.images > 1 ? tag_of(in, i) >> 32 : 0;
    keys[i] = key == kNoKey ? ~0ull : image << 32 | key;
    indices[i] = i;
  }
  count_usable(counters, key != kNoKey);
}

// Box by rank, and the key for the second sort: its bucket.
__global__ void __launch_bounds__(256) bucket_key_kernel(Input in, CellGeometry g, const Counters *counters, Ranked out,
                                                         uint64_t *keys, uint32_t *ranks) {
  const uint32_t rank = blockIdx.x * 256 + threadIdx.x;
  if (rank >= in.total) return;
  uint32_t bucket = no_bucket(g);
  if (rank < counters->usable) {
    const uint32_t i = out.indices[rank];
    const float4 box = in.boxes[i];
    const uint64_t tag = tag_of(in, i);
    bucket = bucket_of(g, box, tag);
    out.boxes[rank] = box;
    if (out.tags) out.tags[rank] = tag;
  }
  out.states[rank] = bucket == lone_bucket(g) ? kKept : bucket == no_bucket(g) ? kSuppressed : kOpen;
  out.entry_of[rank] = kNone;
  keys[rank] = bucket;
  ranks[rank] = rank;
}

// Ranks are sorted by bucket, and ascend within: makes the entries, and finds where buckets begin and end. Buckets must
// be all zero.
__global__ void __launch_bounds__(256) bucket_kernel(uint32_t total, CellGeometry g, const uint64_t *keys,
                                                     const uint32_t *ranks, Ranked out) {
  const uint32_t entry = blockIdx.x * 256 + threadIdx.x;
  if (entry >= total) return;
  const uint32_t bucket = static_cast<uint32_t>(keys[entry]);
  if (bucket > wild_bucket(g)) return;
  const uint32_t rank = ranks[entry];
  out.entries[entry] = entry_word(rank, kOpen);
  out.entry_boxes[entry] = out.boxes[rank];
  out.entry_of[rank] = entry;
  if (entry == 0 || keys[entry - 1] != bucket) {
    out.buckets[bucket].start = entry;
    out.buckets[bucket].best = rank;
  }
  if (entry + 1 == total || keys[entry + 1] != bucket) out.buckets[bucket].end = entry + 1;
}

}  // namespace lanecast

#endif
