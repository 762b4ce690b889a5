// Chooses between the CPU and CUDA, and falls back from the latter.
#ifndef LANECAST_ENGINE_H
#define LANECAST_ENGINE_H

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cpu_nms.h"
#include "cuda_library.h"

namespace lanecast {

enum class Backend : uint32_t { AUTO = 0, CPU = 1, CUDA = 2 };

struct Outcome {
  Backend backend = Backend::CPU;  // what gave the result
  double kernel_ms = 0;            // of CUDA, if timing was asked for
};

struct CudaFailures {
  uint32_t count = 0;
  std::string last;
};

// Measured times of both backends for one image of so many boxes.
struct CrossoverPoint {
  uint32_t boxes;
  double cpu_ms, cuda_ms;
};

// Safe to use from several threads, which is why there is one in a process.
class Engine {
 public:
  // The library is opened at the first use of CUDA, once.
  void set_cuda_path(std::string path);
  CudaLibrary &cuda();

  // Runs on `backend`. With CUDA: if that fails the CPU does the work, and failures() tells. AUTO uses CUDA where it was
  // measured to be faster, and not within half a minute of a failure.
  Outcome run(const LanecastNmsProblem &problem, Backend backend, bool timing, int32_t *kept, uint32_t *kept_offsets);

  // Measured at the first call that could be worth it, or when first asked for; empty without CUDA.
  const std::vector<CrossoverPoint> &crossover();

  CudaFailures failures() const;

 private:
  void run_on_cpu(const LanecastNmsProblem &problem, int32_t *kept, uint32_t *kept_offsets);
  bool try_cuda(const LanecastNmsProblem &problem, bool timing, int32_t *kept, uint32_t *kept_offsets, double *ms);
  bool cuda_pays(const LanecastNmsProblem &problem);
  void measure_crossover();

  std::string cuda_path_;
  std::once_flag cuda_opened_, crossover_measured_;
  std::unique_ptr<CudaLibrary> cuda_;
  std::vector<CrossoverPoint> crossover_;

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<CpuNms>> idle_cpu_;
  CudaFailures failures_;
  std::chrono::steady_clock::time_point avoid_cuda_until_{};
};

}  // namespace lanecast

#endif
