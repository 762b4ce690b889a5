// Memory that grows to the largest call and stays: no allocation per call in steady state.
#ifndef LANECAST_MEMORY_CUH
#define LANECAST_MEMORY_CUH

#include <cstddef>
#include <stdexcept>
#include <string>

#include <cuda_runtime.h>

namespace lanecast {

inline void check(cudaError_t status, const char *what) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // a failed launch would be reported again by the next call
  throw std::runtime_error(std::string(what) + " failed: " + cudaGetErrorString(status));
}

// Its own stream, which waits for no other.
class Stream {
 public:
  Stream() { check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "creating a stream"); }
  Stream(const Stream &) = delete;
  Stream &operator=(const Stream &) = delete;
  ~Stream() { cudaStreamDestroy(stream_); }
  operator cudaStream_t() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

class Event {
 public:
  Event() { check(cudaEventCreate(&event_), "creating an event"); }
  Event(const Event &) = delete;
  Event &operator=(const Event &) = delete;
  ~Event() { cudaEventDestroy(event_); }
  operator cudaEvent_t() const { return event_; }

 private:
  cudaEvent_t event_ = nullptr;
};

enum class Where { device, pinned_host };

template <typename T, Where WHERE>
class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer &) = delete;
  Buffer &operator=(const Buffer &) = delete;
  ~Buffer() { release(); }

  T *get() const { return data_; }

  // Room for `count`, a quarter more when it has to grow. What was there is lost; `zeroed` memory is zero after growing.
  void reserve(size_t count, bool zeroed = false) {
    if (count <= capacity_) return;
    release();
    const size_t wanted = count + count / 4;
    void *data = nullptr;
    if (WHERE == Where::device) {
      check(cudaMalloc(&data, wanted * sizeof(T)), "allocating device memory");
      data_ = static_cast<T *>(data);
      if (zeroed) check(cudaMemset(data_, 0, wanted * sizeof(T)), "clearing device memory");
    } else {
      check(cudaHostAlloc(&data, wanted * sizeof(T), cudaHostAllocMapped), "allocating pinned memory");
      data_ = static_cast<T *>(data);
    }
    capacity_ = wanted;
  }

 private:
  void release() {
    if (data_) WHERE == Where::device ? cudaFree(data_) : cudaFreeHost(data_);
    data_ = nullptr;
    capacity_ = 0;
  }

  T *data_ = nullptr;
  size_t capacity_ = 0;
};

template <typename T>
using DeviceBuffer = Buffer<T, Where::device>;
template <typename T>
using PinnedBuffer = Buffer<T, Where::pinned_host>;

}  // namespace lanecast

#endif
