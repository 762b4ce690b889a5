// A stand-in for the CUDA library, for tests of the addon's side on machines without a GPU: works on the CPU, and fails
// as LANECAST_FAKE_CUDA says: "abi", "no-device", "no-context", or "run=N" (every Nth call fails). Broken on purpose, it
// stays so.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include "../cpu_nms.h"

struct LanecastNmsCuda {
  lanecast::CpuNms nms;
  std::atomic<bool> busy{false};
};

namespace {

std::string wish() {
  const char *value = std::getenv("LANECAST_FAKE_CUDA");
  return value ? value : "";
}

int fail(char *error, size_t size, const char *why) {
  std::snprintf(error, size, "%s", why);
  return -1;
}

std::atomic<unsigned> calls{0}, contexts{0};
std::atomic<bool> broken{false};

}  // namespace

extern "C" {

uint32_t lanecast_nms_cuda_abi(void) { return wish() == "abi" ? LANECAST_NMS_CUDA_ABI + 1 : LANECAST_NMS_CUDA_ABI; }

int lanecast_nms_cuda_device(LanecastNmsDevice *device, char *error, size_t error_size) {
  if (wish() == "no-device") return fail(error, error_size, "no device, as asked");
  *device = {"fake device", 9, 0, 13000, 12080, 1u << 30};
  return 0;
}

int lanecast_nms_cuda_create(LanecastNmsCuda **context, char *error, size_t error_size) {
  if (wish() == "no-context") return fail(error, error_size, "no context, as asked");
  if (broken) return fail(error, error_size, "broken, as asked");
  if (++contexts > 8) return fail(error, error_size, "more contexts than agreed");
  *context = new LanecastNmsCuda;
  return 0;
}

void lanecast_nms_cuda_destroy(LanecastNmsCuda *context) {
  contexts--;
  delete context;
}

int lanecast_nms_cuda_run(LanecastNmsCuda *context, const LanecastNmsProblem *problem, int32_t *kept,
                          uint32_t *kept_offsets, LanecastNmsTiming *timing, char *error, size_t error_size) {
  if (context->busy.exchange(true)) return fail(error, error_size, "a context was used by two at once");
  const unsigned call = ++calls;
  if (broken) return fail(error, error_size, "broken, as asked");
  std::this_thread::sleep_for(std::chrono::microseconds(200));
  context->nms.run(*problem, kept, kept_offsets);
  if (timing) timing->kernel_ms = 0.25;
  context->busy = false;
  const std::string mode = wish();
  if (mode.rfind("run=", 0) == 0 && call % static_cast<unsigned>(std::atoi(mode.c_str() + 4)) == 0) {
    kept[0] = -1;
    return fail(error, error_size, "a call failed, as asked");
  }
  return 0;
}

int lanecast_nms_cuda_health(char *error, size_t error_size) {
  return broken ? fail(error, error_size, "broken, as asked") : 0;
}

int lanecast_nms_cuda_break(char *error, size_t error_size) {
  broken = true;
  return fail(error, error_size, "broken, as asked");
}
}
