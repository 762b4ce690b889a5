// The addon: arguments come checked from src/addon.ts; what is checked here again is what memory safety needs.
#include <napi.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <cmath>
#include <cstring>
#include <memory>
#include <vector>

#include "candidates.h"
#include "engine.h"
#include "notify.h"

namespace lanecast {
namespace {

// One in the process, also where several threads load the addon: contexts and scratch memory are shared.
Engine &engine() {
  static Engine *const instance = new Engine;  // never destroyed: workers may be at it when the process ends
  return *instance;
}

struct Settings {
  float iou_threshold, score_threshold;
  uint32_t max_detections;
  Backend backend;
  bool timing;

  // From [iouThreshold, scoreThreshold, maxDetections, backend, timing].
  explicit Settings(const Napi::Float64Array &values)
      : iou_threshold(static_cast<float>(values[0])),
        score_threshold(static_cast<float>(values[1])),
        max_detections(static_cast<uint32_t>(values[2])),
        backend(static_cast<Backend>(static_cast<uint32_t>(values[3]))),
        timing(values[4] != 0) {}
};

LanecastNmsProblem problem_of(const float *boxes, const float *scores, const int32_t *classes, const uint32_t *offsets,
                              size_t images, const Settings &settings) {
  return {boxes,
          scores,
          classes,
          offsets,
          static_cast<uint32_t>(images),
          settings.iou_threshold,
          settings.score_threshold,
          settings.max_detections};
}

struct Arguments {
  Napi::Float32Array boxes, scores;
  Napi::Int32Array classes;
  bool has_classes;
  Napi::Uint32Array offsets;
  Settings settings;

  explicit Arguments(const Napi::CallbackInfo &info)
      : boxes(info[0].As<Napi::Float32Array>()),
        scores(info[1].As<Napi::Float32Array>()),
        classes(info[2].IsTypedArray() ? info[2].As<Napi::Int32Array>() : Napi::Int32Array()),
        has_classes(info[2].IsTypedArray()),
        offsets(info[3].As<Napi::Uint32Array>()),
        settings(info[4].As<Napi::Float64Array>()) {
    const size_t total = scores.ElementLength();
    const size_t images = offsets.ElementLength() - 1;
    bool good = offsets.ElementLength() >= 2 && boxes.ElementLength() == 4 * total && offsets[0] == 0 &&
                offsets[images] == total && (!has_classes || classes.ElementLength() == total);
    for (size_t b = 0; good && b < images; b++) good = offsets[b] <= offsets[b + 1];
    if (!good) throw Napi::TypeError::New(info.Env(), "The arrays' lengths do not fit one another.");
  }
};

// Memory for results, reused by the calls of a thread.
struct Results {
  std::vector<int32_t> kept;
  std::vector<uint32_t> offsets;
  Outcome outcome;

  void run(const LanecastNmsProblem &problem, const Settings &settings) {
    const size_t total = problem.offsets[problem.images];
    if (kept.size() < total + 1) kept.resize(total + 1);
    if (offsets.size() < problem.images + 1) offsets.resize(problem.images + 1);
    outcome = engine().run(problem, settings.backend, settings.timing, kept.data(), offsets.data());
  }

  // [kept of all images, their offsets, backend, kernel time]
  Napi::Value to_js(Napi::Env env, size_t images) const {
    const size_t count = offsets[images];
    Napi::Int32Array kept_array = Napi::Int32Array::New(env, count);
    if (count > 0) std::memcpy(kept_array.Data(), kept.data(), count * sizeof(int32_t));
    Napi::Uint32Array offsets_array = Napi::Uint32Array::New(env, images + 1);
    std::memcpy(offsets_array.Data(), offsets.data(), (images + 1) * sizeof(uint32_t));
    Napi::Array result = Napi::Array::New(env, 4);
    result.Set(0u, kept_array);
    result.Set(1u, offsets_array);
    result.Set(2u, Napi::Number::New(env, static_cast<uint32_t>(outcome.backend)));
    result.Set(3u, Napi::Number::New(env, outcome.kernel_ms));
    return result;
  }
};

// suppress(boxes, scores, classes | null, offsets, settings)
Napi::Value Suppress(const Napi::CallbackInfo &info) {
  const Arguments a(info);
  const size_t images = a.offsets.ElementLength() - 1;
  thread_local Results results;
  results.run(problem_of(a.boxes.Data(), a.scores.Data(), a.has_classes ? a.classes.Data() : nullptr, a.offsets.Data(),
                         images, a.settings),
              a.settings);
  return results.to_js(info.Env(), images);
}

// Works on copies: what JavaScript does with its arrays meanwhile (write, detach, drop) does not matter.
class SuppressWorker : public Napi::AsyncWorker {
 public:
  SuppressWorker(Napi::Env env, const Arguments &a)
      : Napi::AsyncWorker(env, "lanecast.nms"),
        deferred_(Napi::Promise::Deferred::New(env)),
        settings_(a.settings),
        boxes_(a.boxes.Data(), a.boxes.Data() + a.boxes.ElementLength()),
        scores_(a.scores.Data(), a.scores.Data() + a.scores.ElementLength()),
        offsets_(a.offsets.Data(), a.offsets.Data() + a.offsets.ElementLength()),
        has_classes_(a.has_classes) {
    if (has_classes_) classes_.assign(a.classes.Data(), a.classes.Data() + a.classes.ElementLength());
  }

  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override {
    results_.run(problem_of(boxes_.data(), scores_.data(), has_classes_ ? classes_.data() : nullptr, offsets_.data(),
                            offsets_.size() - 1, settings_),
                 settings_);
  }

  void OnOK() override { deferred_.Resolve(results_.to_js(Env(), offsets_.size() - 1)); }
  void OnError(const Napi::Error &error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  Settings settings_;
  std::vector<float> boxes_, scores_;
  std::vector<int32_t> classes_;
  std::vector<uint32_t> offsets_;
  bool has_classes_;
  Results results_;
};

Napi::Value SuppressAsync(const Napi::CallbackInfo &info) {
  auto *worker = new SuppressWorker(info.Env(), Arguments(info));  // deletes itself
  const Napi::Promise promise = worker->promise();
  worker->Queue();
  return promise;
}

// detect(output, offset, candidates, settings, classCount, perClass, rows) -> rows written << 2 | backend
Napi::Value Detect(const Napi::CallbackInfo &info) {
  const Napi::Float32Array output = info[0].As<Napi::Float32Array>();
  const size_t offset = static_cast<size_t>(info[1].As<Napi::Number>().Int64Value());
  const uint32_t n = info[2].As<Napi::Number>().Uint32Value();
  Settings settings(info[3].As<Napi::Float64Array>());
  const float class_count = info[4].As<Napi::Number>().FloatValue();
  const bool per_class = info[5].As<Napi::Boolean>();
  Napi::Float32Array rows = info[6].As<Napi::Float32Array>();
  const size_t length = output.ElementLength();
  if (offset > length || (length - offset) / 6 < n) {
    throw Napi::TypeError::New(info.Env(), "The output is shorter than [6, candidates] from the offset on.");
  }
  const uint32_t room = static_cast<uint32_t>(rows.ElementLength() / 6);
  if (room == 0) return Napi::Number::New(info.Env(), static_cast<uint32_t>(Backend::CPU));
  if (settings.max_detections == 0 || settings.max_detections > room) settings.max_detections = room;
  thread_local Candidates candidates;
  thread_local Results results;
  candidates.collect(output.Data() + offset, n, {settings.score_threshold, class_count});
  const uint32_t offsets[] = {0, candidates.count()};
  settings.score_threshold = -INFINITY;
  results.run(problem_of(candidates.boxes(), candidates.scores(), per_class ? candidates.class_keys() : nullptr, offsets,
                         1, settings),
              settings);
  const uint32_t count = results.offsets[1];
  for (uint32_t k = 0; k < count; k++) {
    candidates.write_row(static_cast<uint32_t>(results.kept[k]), rows.Data() + 6 * static_cast<size_t>(k));
  }
  return Napi::Number::New(info.Env(), count * 4.0 + static_cast<uint32_t>(results.outcome.backend));
}

Napi::Value Describe(const Napi::CallbackInfo &info) {
  const Napi::Env env = info.Env();
  Napi::Object result = Napi::Object::New(env);
  CudaLibrary &cuda = engine().cuda();
  result["missingReason"] = Napi::String::New(env, cuda.missing_reason());
  const CudaFailures failures = engine().failures();
  result["failures"] = Napi::Number::New(env, failures.count);
  result["lastError"] = Napi::String::New(env, failures.last);
  if (cuda.available()) {
    const LanecastNmsDevice &device = cuda.device();
    result["device"] = Napi::String::New(env, device.name);
    result["computeMajor"] = Napi::Number::New(env, device.compute_major);
    result["computeMinor"] = Napi::Number::New(env, device.compute_minor);
    result["driverVersion"] = Napi::Number::New(env, device.driver_version);
    result["runtimeVersion"] = Napi::Number::New(env, device.runtime_version);
    result["memoryBytes"] = Napi::Number::New(env, static_cast<double>(device.memory_bytes));
  }
  return result;
}

Napi::Value FailureCount(const Napi::CallbackInfo &info) {
  return Napi::Number::New(info.Env(), engine().failures().count);
}

// cudaFault() -> what every CUDA call answers from now on, or an empty string
Napi::Value CudaFault(const Napi::CallbackInfo &info) { return Napi::String::New(info.Env(), engine().cuda().health()); }

// breakCuda() -> what CUDA answers now, or an empty string where there is none
Napi::Value BreakCuda(const Napi::CallbackInfo &info) {
  return Napi::String::New(info.Env(), engine().cuda().break_for_test());
}

Napi::Value Crossover(const Napi::CallbackInfo &info) {
  const Napi::Env env = info.Env();
  Napi::Array result = Napi::Array::New(env);
  for (const CrossoverPoint &point : engine().crossover()) {
    Napi::Object entry = Napi::Object::New(env);
    entry["boxes"] = Napi::Number::New(env, point.boxes);
    entry["cpuMs"] = Napi::Number::New(env, point.cpu_ms);
    entry["cudaMs"] = Napi::Number::New(env, point.cuda_ms);
    result.Set(result.Length(), entry);
  }
  return result;
}

Napi::Value SetCudaPath(const Napi::CallbackInfo &info) {
  engine().set_cuda_path(info[0].As<Napi::String>());
  return info.Env().Undefined();
}

// Gives back to the system what the allocator holds and nobody uses; off the thread of JavaScript.
class TrimWorker : public Napi::AsyncWorker {
 public:
  explicit TrimWorker(Napi::Env env)
      : Napi::AsyncWorker(env, "lanecast.trim"), deferred_(Napi::Promise::Deferred::New(env)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
  }

  void OnOK() override { deferred_.Resolve(Env().Undefined()); }
  void OnError(const Napi::Error &error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
};

// trimMemory() -> promise
Napi::Value TrimMemory(const Napi::CallbackInfo &info) {
  auto *worker = new TrimWorker(info.Env());  // deletes itself
  const Napi::Promise promise = worker->promise();
  worker->Queue();
  return promise;
}

// exitNow(code): ends the process here, without destructors, exit handlers or the end of any thread
Napi::Value ExitNow(const Napi::CallbackInfo &info) { _exit(info[0].As<Napi::Number>().Int32Value()); }

// notify(address, message) -> why it was not sent, or an empty string
Napi::Value Notify(const Napi::CallbackInfo &info) {
  return Napi::String::New(info.Env(), notify(info[0].As<Napi::String>(), info[1].As<Napi::String>()));
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports["suppress"] = Napi::Function::New(env, Suppress, "suppress");
  exports["suppressAsync"] = Napi::Function::New(env, SuppressAsync, "suppressAsync");
  exports["detect"] = Napi::Function::New(env, Detect, "detect");
  exports["describeCuda"] = Napi::Function::New(env, Describe, "describeCuda");
  exports["cudaFailureCount"] = Napi::Function::New(env, FailureCount, "cudaFailureCount");
  exports["cudaFault"] = Napi::Function::New(env, CudaFault, "cudaFault");
  exports["breakCuda"] = Napi::Function::New(env, BreakCuda, "breakCuda");
  exports["crossover"] = Napi::Function::New(env, Crossover, "crossover");
  exports["exitNow"] = Napi::Function::New(env, ExitNow, "exitNow");
  exports["notify"] = Napi::Function::New(env, Notify, "notify");
  exports["trimMemory"] = Napi::Function::New(env, TrimMemory, "trimMemory");
  exports["setCudaPath"] = Napi::Function::New(env, SetCudaPath, "setCudaPath");
  return exports;
}

}  // namespace

NODE_API_MODULE(lanecast_nms, Init)

}  // namespace lanecast
