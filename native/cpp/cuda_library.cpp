#include "cuda_library.h"

#include <dlfcn.h>

#include <filesystem>

namespace lanecast {
namespace {

template <typename Function>
bool find(void *library, const char *name, Function *function) {
  *function = reinterpret_cast<Function>(dlsym(library, name));
  return *function != nullptr;
}

}  // namespace

CudaLibrary::CudaLibrary(const std::string &path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    missing_reason_ = "the CUDA library was not built (it needs nvcc)";
    return;
  }
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *why = dlerror();
    missing_reason_ = "the CUDA library does not load: " + std::string(why ? why : path);
    return;
  }
  decltype(&lanecast_nms_cuda_abi) abi = nullptr;
  decltype(&lanecast_nms_cuda_device) describe = nullptr;
  if (!find(library, "lanecast_nms_cuda_abi", &abi) || abi() != LANECAST_NMS_CUDA_ABI ||
      !find(library, "lanecast_nms_cuda_device", &describe) || !find(library, "lanecast_nms_cuda_create", &create_) ||
      !find(library, "lanecast_nms_cuda_destroy", &destroy_) || !find(library, "lanecast_nms_cuda_run", &run_)) {
    missing_reason_ = "the CUDA library is of another version than the addon; build both anew";
    return;
  }
  find(library, "lanecast_nms_cuda_health", &health_);
  find(library, "lanecast_nms_cuda_break", &break_);
  char error[512] = "";
  if (describe(&device_, error, sizeof error) != 0) {
    missing_reason_ = error[0] ? error : "the CUDA library found no device";
  }
}

std::string CudaLibrary::ask(int (*question)(char *, size_t)) const {
  if (!available() || !question) return {};
  char error[512] = "";
  if (question(error, sizeof error) == 0) return {};
  return error[0] ? error : "CUDA failed without a reason";
}

LanecastNmsCuda *CudaLibrary::acquire(std::string *error) {
  {
    std::unique_lock<std::mutex> lock(mutex_);
    released_.wait(lock, [this] { return !idle_.empty() || contexts_ < MOST_CONTEXTS; });
    if (!idle_.empty()) {
      LanecastNmsCuda *context = idle_.back();
      idle_.pop_back();
      return context;
    }
    contexts_++;
  }
  char message[512] = "";
  LanecastNmsCuda *context = nullptr;
  if (create_(&context, message, sizeof message) == 0) return context;
  *error = message[0] ? message : "a CUDA context could not be made";
  release(nullptr);
  return nullptr;
}

// Null: a context that is no more.
void CudaLibrary::release(LanecastNmsCuda *context) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (context) idle_.push_back(context);
    else contexts_--;
  }
  released_.notify_one();
}

std::string CudaLibrary::run(const LanecastNmsProblem &problem, int32_t *kept, uint32_t *kept_offsets,
                             LanecastNmsTiming *timing) {
  std::string error;
  LanecastNmsCuda *context = acquire(&error);
  if (!context) return error;
  char message[512] = "";
  if (run_(context, &problem, kept, kept_offsets, timing, message, sizeof message) == 0) {
    release(context);
    return {};
  }
  destroy_(context);
  release(nullptr);
  return message[0] ? message : "the CUDA library failed without a reason";
}

}  // namespace lanecast
