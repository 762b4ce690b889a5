// Greedy non-maximum suppression on a GPU, exact: see nms_cuda.h for the interface, settle.cuh for the idea.
#include "nms_cuda.h"

#include <cstdio>
#include <memory>

#include <cub/device/device_radix_sort.cuh>
#include <cub/device/device_select.cuh>

#include "small_images.cuh"
#include "staging.cuh"

namespace lanecast {

// Nothing is mapped there.
__global__ void write_nowhere_kernel(volatile int *nowhere) { *nowhere = 1; }

struct IsKept {
  __host__ __device__ bool operator()(uint8_t state) const { return state == kKept; }
};

namespace {

uint32_t blocks_for(uint32_t count) { return (count + 255) / 256; }

// Four buckets a box: a box looks into dozens of cells, and boxes of other cells in the same bucket cost time.
uint32_t buckets_for(uint32_t total) {
  uint32_t buckets = 4096;
  while (buckets < total && buckets < (1u << 22)) buckets *= 2;
  return buckets < (1u << 20) ? buckets * 4 : 1u << 22;
}

int bits_of(uint32_t value) {
  int bits = 0;
  for (; value; value >>= 1) bits++;
  return bits;
}

}  // namespace
}  // namespace lanecast

using namespace lanecast;

struct LanecastNmsCuda {
  LanecastNmsCuda() {
    counters.reserve(1, true);
    int device = 0, processors = 0, counted = 0, sorted = 0;
    check(cudaGetDevice(&device), "asking for the device");
    check(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device), "asking for its processors");
    check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&counted, settle_kernel<false>, 256, 0), "asking for room");
    check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&sorted, settle_kernel<true>, 256, 0), "asking for room");
    settle_blocks[0] = static_cast<uint32_t>(processors * counted);
    settle_blocks[1] = static_cast<uint32_t>(processors * sorted);
  }

  ~LanecastNmsCuda() { cudaStreamSynchronize(stream); }

  void run(const LanecastNmsProblem &p, int32_t *kept_out, uint32_t *kept_offsets, LanecastNmsTiming *timing) {
    const uint32_t total = p.offsets[p.images];
    kept_offsets[0] = 0;
    if (total == 0) {
      for (uint32_t b = 0; b < p.images; b++) kept_offsets[b + 1] = 0;
      if (timing) timing->kernel_ms = 0;
      return;
    }
    if (total > kLargestTotal) throw std::runtime_error("more than 2^30 boxes in a call");
    uint32_t largest = 0;
    for (uint32_t b = 0; b < p.images; b++) largest = std::max(largest, p.offsets[b + 1] - p.offsets[b]);
    kept.reserve(total);
    counts.reserve(std::max(p.images, 1u));

    // One block is enough for a small image, and for a single one of middling size all others would be idle.
    const bool small = p.images == 1 ? total <= kSmallSingle : largest <= kSmallImage;
    if (small) run_small(p, largest, timing);
    else if (p.images == 1 && total <= kCountedBoxes) run_counted(p, timing);
    else run_sorted(p, timing);
    check(cudaStreamSynchronize(stream), "suppressing");
    if (timing) {
      float ms = 0;
      check(cudaEventElapsedTime(&ms, began, ended), "timing");
      timing->kernel_ms = ms;
    }
    if (small) gather_images(p, kept_out, kept_offsets);
    else split_images(p, kept_out, kept_offsets);
  }

 private:
  void begin_timing(const LanecastNmsTiming *timing) {
    if (timing) check(cudaEventRecord(began, stream), "timing");
  }
  void end_timing(const LanecastNmsTiming *timing) {
    check(cudaGetLastError(), "launching a kernel");
    if (timing) check(cudaEventRecord(ended, stream), "timing");
  }

  void run_small(const LanecastNmsProblem &p, uint32_t largest, const LanecastNmsTiming *timing) {
    const Input in = staging.send(p, true, stream);
    begin_timing(timing);
    const SmallArguments a{in.boxes,         in.scores,           in.classes, in.offsets, p.iou_threshold,
                           p.score_threshold, p.max_detections, kept.get(), counts.get()};
    launch_small_images(a, p.images, largest, stream);
    end_timing(timing);
  }

  // What both ways of filing need.
  Ranked reserve(const LanecastNmsProblem &p, uint32_t total, CellGeometry &geometry) {
    geometry = make_geometry(p.iou_threshold, total, buckets_for(total));
    ranked_boxes.reserve(total);
    indices.reserve(total);
    states.reserve(total + 4);  // read four at a time
    buckets.reserve(static_cast<size_t>(geometry.mask) + 2, true);
    entries.reserve(total);
    entry_boxes.reserve(total);
    entry_of.reserve(total);
    const bool tagged = p.classes || p.images > 1;
    if (tagged) tags.reserve(total);
    return {ranked_boxes.get(), tagged ? tags.get() : nullptr, indices.get(),     states.get(),
            buckets.get(),      entries.get(),                 entry_boxes.get(), entry_of.get()};
  }

  void settle(const CellGeometry &geometry, const Ranked &ranked, uint32_t total, bool sorted) {
    const uint32_t blocks = std::min(settle_blocks[sorted], (total + 7) / 8);
    const uint32_t turns = total / (blocks * 8 * 16);  // of one rank, until there are many: a turn costs an atomic
    const SettleArguments a{geometry,       ranked.boxes,       ranked.tags,     ranked.buckets,
                            ranked.entries, ranked.entry_boxes, ranked.entry_of, ranked.states,
                            counters.get(), std::min(std::max(turns, 1u), 8u)};
    if (sorted) settle_kernel<true><<<blocks, 256, 0, stream>>>(a);
    else settle_kernel<false><<<blocks, 256, 0, stream>>>(a);
  }

  void run_counted(const LanecastNmsProblem &p, const LanecastNmsTiming *timing) {
    const uint32_t total = p.offsets[1];
    CellGeometry geometry;
    const Ranked ranked = reserve(p, total, geometry);
    caller_boxes.reserve(total);
    keys32.reserve(total);
    box_buckets.reserve(total);
    places.reserve(total);
    ranks.reserve(total);
    bucket_counts.reserve(static_cast<size_t>(geometry.mask) + 2, true);
    const Filed filed{caller_boxes.get(), keys32.get(), box_buckets.get(),
                      places.get(),       ranks.get(),  bucket_counts.get()};
    const Input in = staging.send(p, true, stream);
    begin_timing(timing);
    key_kernel<<<blocks_for(total), 256, 0, stream>>>(in, geometry, filed, counters.get());
    const dim3 tiles(blocks_for(total), (total + kRankTile - 1) / kRankTile);
    rank_kernel<<<tiles, 256, 0, stream>>>(total, geometry, filed, ranked.buckets, counters.get());
    file_kernel<<<blocks_for(total), 256, 0, stream>>>(in, geometry, filed, ranked);
    settle(geometry, ranked, total, false);
    collect_kernel<<<1 + (total + 1023) / 1024, 1024, 0, stream>>>(total, geometry, filed, ranked, counters.get(),
                                                                   kept.get(), counts.get());
    end_timing(timing);
  }

  void run_sorted(const LanecastNmsProblem &p, const LanecastNmsTiming *timing) {
    const uint32_t total = p.offsets[p.images];
    CellGeometry geometry;
    const Ranked ranked = reserve(p, total, geometry);
    keys64.reserve(total);
    sorted_keys.reserve(total);
    ranks.reserve(total);
    sorted_ranks.reserve(total);
    const int count = static_cast<int>(total);
    const int key_bits = 32 + bits_of(p.images - 1), bucket_bits = bits_of(no_bucket(geometry));
    size_t sort_bytes = 0, bucket_bytes = 0, select_bytes = 0;
    auto sort = [&](void *room, size_t &bytes, const uint32_t *from, uint32_t *to, int bits) {
      check(cub::DeviceRadixSort::SortPairs(room, bytes, keys64.get(), sorted_keys.get(), from, to, count, 0, bits,
                                            stream),
            "sorting");
    };
    auto select = [&](void *room, size_t &bytes) {
      check(cub::DeviceSelect::FlaggedIf(room, bytes, indices.get(), states.get(), kept.get(), counts.get(), count,
                                         IsKept{}, stream),
            "selecting");
    };
    // Boxes without a key are behind all others, also where the keys of the first sort are cut off at `key_bits`.
    sort(nullptr, sort_bytes, ranks.get(), indices.get(), key_bits);
    sort(nullptr, bucket_bytes, ranks.get(), sorted_ranks.get(), bucket_bits);
    select(nullptr, select_bytes);
    const size_t room_bytes = std::max({sort_bytes, bucket_bytes, select_bytes});
    scratch.reserve(room_bytes);

    const Input in = staging.send(p, false, stream);
    begin_timing(timing);
    const uint32_t blocks = blocks_for(total);
    sort_key_kernel<<<blocks, 256, 0, stream>>>(in, keys64.get(), ranks.get(), counters.get());
    sort(scratch.get(), sort_bytes, ranks.get(), indices.get(), key_bits);
    bucket_key_kernel<<<blocks, 256, 0, stream>>>(in, geometry, counters.get(), ranked, keys64.get(), ranks.get());
    sort(scratch.get(), bucket_bytes, ranks.get(), sorted_ranks.get(), bucket_bits);
    bucket_kernel<<<blocks, 256, 0, stream>>>(total, geometry, sorted_keys.get(), sorted_ranks.get(),
                                                ranked);
    settle(geometry, ranked, total, true);
    select(scratch.get(), select_bytes);
    check(cudaMemsetAsync(buckets.get(), 0, (static_cast<size_t>(geometry.mask) + 2) * sizeof(Bucket), stream),
          "clearing");
    check(cudaMemsetAsync(counters.get(), 0, sizeof(Counters), stream), "clearing");
    end_timing(timing);
  }

  // Every image's kept boxes are where the image begins.
  void gather_images(const LanecastNmsProblem &p, int32_t *out, uint32_t *kept_offsets) {
    for (uint32_t b = 0; b < p.images; b++) {
      const uint32_t count = counts.get()[b];
      std::memcpy(out + kept_offsets[b], kept.get() + p.offsets[b], count * sizeof(int32_t));
      kept_offsets[b + 1] = kept_offsets[b] + count;
    }
  }

  // All kept boxes stand one after another, image after image, with indices into the whole.
  void split_images(const LanecastNmsProblem &p, int32_t *out, uint32_t *kept_offsets) {
    const uint32_t count = counts.get()[0];
    uint32_t at = 0, to = 0;
    for (uint32_t b = 0; b < p.images; b++) {
      const int64_t end = p.offsets[b + 1];
      const uint32_t limit = p.max_detections ? p.max_detections : ~0u;
      const uint32_t first = at;
      for (; at < count && kept.get()[at] < end; at++)
        if (at - first < limit) out[to++] = kept.get()[at] - static_cast<int32_t>(p.offsets[b]);
      kept_offsets[b + 1] = to;
    }
  }

  // First, so that it is destroyed last: memory is freed while nothing runs.
  Stream stream;
  Event began, ended;
  uint32_t settle_blocks[2] = {1, 1};
  Staging staging;
  PinnedBuffer<int32_t> kept;
  PinnedBuffer<uint32_t> counts;
  DeviceBuffer<Counters> counters;
  DeviceBuffer<float4> ranked_boxes, entry_boxes, caller_boxes;
  DeviceBuffer<uint64_t> tags, keys64, sorted_keys;
  DeviceBuffer<uint32_t> indices, entries, entry_of, keys32, box_buckets, places, ranks, sorted_ranks,
      bucket_counts;
  DeviceBuffer<uint8_t> states;
  DeviceBuffer<Bucket> buckets;
  DeviceBuffer<unsigned char> scratch;
};

namespace {

template <typename F>
int guarded(char *error, size_t error_size, F &&body) {
  try {
    body();
    return 0;
  } catch (const std::exception &failure) {
    if (error_size > 0) std::snprintf(error, error_size, "%s", failure.what());
    return -1;
  }
}

}  // namespace

extern "C" {

uint32_t lanecast_nms_cuda_abi(void) { return LANECAST_NMS_CUDA_ABI; }

int lanecast_nms_cuda_device(LanecastNmsDevice *out, char *error, size_t error_size) {
  return guarded(error, error_size, [&] {
    int count = 0, device = 0;
    check(cudaGetDeviceCount(&count), "looking for a GPU");
    if (count == 0) throw std::runtime_error("there is no GPU");
    check(cudaGetDevice(&device), "asking for the device");
    cudaDeviceProp properties;
    check(cudaGetDeviceProperties(&properties, device), "asking for the device's properties");
    *out = {};
    std::snprintf(out->name, sizeof out->name, "%.127s", properties.name);
    out->compute_major = properties.major;
    out->compute_minor = properties.minor;
    out->memory_bytes = properties.totalGlobalMem;
    check(cudaDriverGetVersion(&out->driver_version), "asking for the driver's version");
    check(cudaRuntimeGetVersion(&out->runtime_version), "asking for the runtime's version");
  });
}

int lanecast_nms_cuda_create(LanecastNmsCuda **context, char *error, size_t error_size) {
  return guarded(error, error_size, [&] { *context = new LanecastNmsCuda(); });
}

void lanecast_nms_cuda_destroy(LanecastNmsCuda *context) { delete context; }

int lanecast_nms_cuda_run(LanecastNmsCuda *context, const LanecastNmsProblem *problem, int32_t *kept,
                          uint32_t *kept_offsets, LanecastNmsTiming *timing, char *error, size_t error_size) {
  return guarded(error, error_size, [&] { context->run(*problem, kept, kept_offsets, timing); });
}

int lanecast_nms_cuda_health(char *error, size_t error_size) {
  return guarded(error, error_size, [&] { check(cudaDeviceSynchronize(), "asking whether CUDA still works"); });
}

int lanecast_nms_cuda_break(char *error, size_t error_size) {
  return guarded(error, error_size, [&] {
    write_nowhere_kernel<<<1, 1>>>(reinterpret_cast<volatile int *>(uintptr_t{16}));
    check(cudaGetLastError(), "launching a kernel");
    check(cudaDeviceSynchronize(), "writing where no memory is");
    throw std::runtime_error("writing where no memory is went unnoticed");
  });
}

}  // extern "C"
