// The way of a call's input to the GPU. Little input is copied into pinned memory, which kernels read over the bus
// themselves: that saves a copy's launch. Much is copied piece by piece, each piece on its way while the next is being
// copied into pinned memory.
#ifndef LANECAST_STAGING_CUH
#define LANECAST_STAGING_CUH

#include <algorithm>
#include <cstring>

#include "filing.cuh"
#include "memory.cuh"
#include "nms_cuda.h"

namespace lanecast {

constexpr size_t kReadInPlace = 512 << 10;  // bytes
constexpr size_t kPiece = 256 << 10;

class Staging {
 public:
  // `read_once`: each value is read by one thread, once; else large input should not stay in host memory.
  Input send(const LanecastNmsProblem &p, bool read_once, cudaStream_t stream) {
    const size_t total = p.offsets[p.images];
    const size_t boxes = pad(16 * total), scores = pad(4 * total), classes = p.classes ? pad(4 * total) : 0;
    const size_t offsets = pad(4 * (static_cast<size_t>(p.images) + 1));
    const size_t bytes = boxes + scores + classes + offsets;
    pinned_.reserve(bytes);
    const bool in_place = read_once && bytes <= kReadInPlace;
    if (!in_place) device_.reserve(bytes);
    unsigned char *base = in_place ? pinned_.get() : device_.get();
    stream_ = in_place ? nullptr : stream;

    copy(p.boxes, 16 * total, 0);
    copy(p.scores, 4 * total, boxes);
    if (p.classes) copy(p.classes, 4 * total, boxes + scores);
    copy(p.offsets, 4 * (static_cast<size_t>(p.images) + 1), boxes + scores + classes);

    Input in;
    in.boxes = reinterpret_cast<const float4 *>(base);
    in.scores = reinterpret_cast<const float *>(base + boxes);
    in.classes = p.classes ? reinterpret_cast<const int32_t *>(base + boxes + scores) : nullptr;
    in.offsets = reinterpret_cast<const uint32_t *>(base + boxes + scores + classes);
    in.images = p.images;
    in.total = static_cast<uint32_t>(total);
    in.score_threshold = p.score_threshold;
    return in;
  }

 private:
  static size_t pad(size_t bytes) { return (bytes + 255) / 256 * 256; }

  void copy(const void *from, size_t bytes, size_t to) {
    for (size_t done = 0; done < bytes; done += kPiece) {
      const size_t length = std::min(kPiece, bytes - done);
      std::memcpy(pinned_.get() + to + done, static_cast<const unsigned char *>(from) + done, length);
      if (stream_)
        check(cudaMemcpyAsync(device_.get() + to + done, pinned_.get() + to + done, length, cudaMemcpyHostToDevice,
                              stream_),
              "copying to the GPU");
    }
  }

  PinnedBuffer<unsigned char> pinned_;
  DeviceBuffer<unsigned char> device_;
  cudaStream_t stream_ = nullptr;
};

}  // namespace lanecast

#endif
