// The CUDA library, opened at run time so that the addon loads on a machine without it, and a pool of its contexts.
#ifndef LANECAST_CUDA_LIBRARY_H
#define LANECAST_CUDA_LIBRARY_H

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "../cuda/nms_cuda.h"

namespace lanecast {

// Safe to use from several threads. Lives as long as the process: a CUDA library is never closed.
class CudaLibrary {
 public:
  // Opens the library at `path`; where that fails, missing_reason() says why.
  explicit CudaLibrary(const std::string &path);

  bool available() const { return missing_reason_.empty(); }
  const std::string &missing_reason() const { return missing_reason_; }
  const LanecastNmsDevice &device() const { return device_; }

  // Empty, or what went wrong. A context that failed is destroyed. Waits while all contexts are in use.
  std::string run(const LanecastNmsProblem &problem, int32_t *kept, uint32_t *kept_offsets, LanecastNmsTiming *timing);

  // Empty, or what every CUDA call of this process answers from now on; empty also where that cannot be asked.
  std::string health() const { return ask(health_); }
  // What CUDA answers after it was broken on purpose; empty where there is none to break.
  std::string break_for_test() const { return ask(break_); }

 private:
  static constexpr size_t MOST_CONTEXTS = 8;

  LanecastNmsCuda *acquire(std::string *error);
  std::string ask(int (*question)(char *, size_t)) const;
  void release(LanecastNmsCuda *context);

  std::string missing_reason_;
  LanecastNmsDevice device_ = {};
  decltype(&lanecast_nms_cuda_create) create_ = nullptr;
  decltype(&lanecast_nms_cuda_destroy) destroy_ = nullptr;
  decltype(&lanecast_nms_cuda_run) run_ = nullptr;
  // Null in libraries of before.
  decltype(&lanecast_nms_cuda_health) health_ = nullptr;
  decltype(&lanecast_nms_cuda_break) break_ = nullptr;

  std::mutex mutex_;
  std::condition_variable released_;
  std::vector<LanecastNmsCuda *> idle_;
  size_t contexts_ = 0;
};

}  // namespace lanecast

#endif
