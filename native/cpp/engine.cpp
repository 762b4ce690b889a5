#include "engine.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace lanecast {
namespace {

using Clock = std::chrono::steady_clock;

// Below it a CUDA call costs more than the CPU's whole work, on every machine: not worth measuring.
constexpr uint32_t FEWEST_FOR_CUDA = 512;
constexpr std::chrono::seconds PAUSE_AFTER_FAILURE{30};
constexpr uint32_t MEASURED_SIZES[] = {512, 2048, 8192, 32768, 131072};

// Boxes as a detector gives them: many around each of few objects.
void make_clusters(uint32_t count, std::vector<float> *boxes, std::vector<float> *scores) {
  std::mt19937 random(count);
  const auto uniform = [&random](float least, float most) {
    return least + (most - least) * static_cast<float>(random()) / 4294967296.0f;
  };
  float x = 0, y = 0, width = 0, height = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (i % 200 == 0) {
      x = uniform(0, 640);
      y = uniform(0, 640);
      width = uniform(10, 110);
      height = uniform(10, 110);
    }
    const float cx = x + uniform(-6, 6), cy = y + uniform(-6, 6);
    const float w = width * uniform(0.8f, 1.2f) / 2, h = height * uniform(0.8f, 1.2f) / 2;
    boxes->insert(boxes->end(), {cx - w, cy - h, cx + w, cy + h});
    scores->push_back(uniform(0, 1));
  }
}

// Between measured sizes times are taken to follow a power law.
double interpolate(const std::vector<CrossoverPoint> &points, double boxes, double CrossoverPoint::*time) {
  size_t i = 1;
  while (i + 1 < points.size() && points[i].boxes < boxes) i++;
  const CrossoverPoint &a = points[i - 1], &b = points[i];
  const double slope = std::log(b.*time / a.*time) / std::log(static_cast<double>(b.boxes) / a.boxes);
  return a.*time * std::pow(boxes / a.boxes, slope);
}

}  // namespace

void Engine::set_cuda_path(std::string path) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (cuda_path_.empty()) cuda_path_ = std::move(path);
}

CudaLibrary &Engine::cuda() {
  std::call_once(cuda_opened_, [this] { cuda_ = std::make_unique<CudaLibrary>(cuda_path_); });
  return *cuda_;
}

CudaFailures Engine::failures() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return failures_;
}

Outcome Engine::run(const LanecastNmsProblem &problem, Backend backend, bool timing, int32_t *kept,
                    uint32_t *kept_offsets) {
  Outcome outcome;
  const bool want_cuda = backend == Backend::CUDA || (backend == Backend::AUTO && cuda_pays(problem));
  if (want_cuda && try_cuda(problem, timing, kept, kept_offsets, &outcome.kernel_ms)) {
    outcome.backend = Backend::CUDA;
  } else {
    run_on_cpu(problem, kept, kept_offsets);
  }
  return outcome;
}

void Engine::run_on_cpu(const LanecastNmsProblem &problem, int32_t *kept, uint32_t *kept_offsets) {
  std::unique_ptr<CpuNms> cpu;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!idle_cpu_.empty()) {
      cpu = std::move(idle_cpu_.back());
      idle_cpu_.pop_back();
    }
  }
  if (!cpu) cpu = std::make_unique<CpuNms>();
  cpu->run(problem, kept, kept_offsets);
  const std::lock_guard<std::mutex> lock(mutex_);
  idle_cpu_.push_back(std::move(cpu));
}

bool Engine::try_cuda(const LanecastNmsProblem &problem, bool timing, int32_t *kept, uint32_t *kept_offsets,
                      double *ms) {
  if (!cuda().available()) return false;
  LanecastNmsTiming measured = {};
  const std::string error = cuda().run(problem, kept, kept_offsets, timing ? &measured : nullptr);
  if (error.empty()) {
    *ms = measured.kernel_ms;
    return true;
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  failures_.count++;
  failures_.last = error;
  avoid_cuda_until_ = Clock::now() + PAUSE_AFTER_FAILURE;
  return false;
}

bool Engine::cuda_pays(const LanecastNmsProblem &problem) {
  const uint32_t total = problem.offsets[problem.images];
  if (total < FEWEST_FOR_CUDA || crossover().size() < 2) return false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (Clock::now() < avoid_cuda_until_) return false;
  }
  const double cpu_ms = problem.images * interpolate(crossover_, std::max(1.0, total / double(problem.images)),
                                                     &CrossoverPoint::cpu_ms);
  return interpolate(crossover_, total, &CrossoverPoint::cuda_ms) < cpu_ms;
}

const std::vector<CrossoverPoint> &Engine::crossover() {
  std::call_once(crossover_measured_, [this] {
    if (cuda().available()) measure_crossover();
  });
  return crossover_;
}

void Engine::measure_crossover() {
  std::vector<CrossoverPoint> points;
  CpuNms cpu;
  for (const uint32_t count : MEASURED_SIZES) {
    std::vector<float> boxes, scores;
    make_clusters(count, &boxes, &scores);
    std::vector<int32_t> kept(count);
    const uint32_t offsets[] = {0, count};
    uint32_t kept_offsets[2];
    const LanecastNmsProblem problem = {boxes.data(), scores.data(), nullptr, offsets, 1, 0.45f, -INFINITY, 0};
    const auto best_of = [](auto &&work) {
      double best_ms = INFINITY;
      for (int i = 0; i < 6; i++) {
        const auto start = Clock::now();
        if (!work()) return double{INFINITY};
        const double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
        if (i > 0) best_ms = std::min(best_ms, ms);  // the first one grows the memory
      }
      return best_ms;
    };
    double ignored;
    const double cuda_ms = best_of([&] { return try_cuda(problem, false, kept.data(), kept_offsets, &ignored); });
    if (!std::isfinite(cuda_ms)) return;
    const double cpu_ms = best_of([&] {
      cpu.run(problem, kept.data(), kept_offsets);
      return true;
    });
    points.push_back({count, cpu_ms, cuda_ms});
  }
  crossover_ = std::move(points);
}

}  // namespace lanecast
