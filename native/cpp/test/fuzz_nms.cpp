// The fuzz target: the CPU's suppression against its definition, written as plainly as can be. fuzz_driver.cpp calls it;
// libFuzzer can too: clang++ -std=c++17 -g -O1 -ffp-contract=off -fsanitize=fuzzer,address,undefined, this file and
// the CPU's sources (cpu_sources in CMakeLists.txt).
#include <cstdio>
#include <cstdlib>

#include "../candidates.h"
#include "../cpu_nms.h"
#include "problem_bytes.h"

namespace lanecast {
namespace {

bool suppresses(const float *a, const float *b, float threshold) {
  const float width = std::max(0.0f, std::min(a[2], b[2]) - std::max(a[0], b[0]));
  const float height = std::max(0.0f, std::min(a[3], b[3]) - std::max(a[1], b[1]));
  const float intersection = width * height;
  const float both = (area_of(a[0], a[1], a[2], a[3]) + area_of(b[0], b[1], b[2], b[3])) - intersection;
  return intersection / both > threshold;
}

void define(const LanecastNmsProblem &p, std::vector<int32_t> *kept, std::vector<uint32_t> *kept_offsets) {
  kept_offsets->push_back(0);
  for (uint32_t image = 0; image < p.images; image++) {
    const uint32_t first = p.offsets[image];
    std::vector<uint32_t> order;
    for (uint32_t i = first; i < p.offsets[image + 1]; i++) {
      bool finite = std::isfinite(p.scores[i]);
      for (int k = 0; k < 4; k++) finite = finite && std::isfinite(p.boxes[4 * i + k]);
      if (finite && p.scores[i] >= p.score_threshold) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return p.scores[a] > p.scores[b]; });
    const size_t begin = kept->size();
    for (const uint32_t i : order) {
      if (p.max_detections && kept->size() - begin >= p.max_detections) break;
      bool keep = true;
      for (size_t k = begin; k < kept->size() && keep; k++) {
        const uint32_t other = first + static_cast<uint32_t>((*kept)[k]);
        if (p.classes && p.classes[other] != p.classes[i]) continue;
        keep = !suppresses(p.boxes + 4 * other, p.boxes + 4 * i, p.iou_threshold);
      }
      if (keep) kept->push_back(static_cast<int32_t>(i - first));
    }
    kept_offsets->push_back(static_cast<uint32_t>(kept->size()));
  }
}

void require(bool condition, const char *what) {
  if (condition) return;
  std::fprintf(stderr, "nms_fuzz: %s\n", what);
  std::abort();
}

}  // namespace
}  // namespace lanecast

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  using namespace lanecast;
  ProblemData input;
  if (!read_problem(data, size, &input)) return 0;
  std::vector<int32_t> wanted;
  std::vector<uint32_t> wanted_offsets;
  define(input.problem, &wanted, &wanted_offsets);
  // Scratch memory that has seen other problems; results of exactly the room that is promised.
  static CpuNms nms;
  const std::vector<int32_t> nothing;
  for (const MarkOverlaps *variant = mark_overlaps_variants(); *variant; variant++) {
    for (const uint32_t limit : {0u, UINT32_MAX}) {
      std::vector<int32_t> kept(input.scores.size());
      std::vector<uint32_t> offsets(input.offsets.size());
      nms.set_mark_overlaps(*variant);
      nms.set_brute_force_limit(limit);
      nms.run(input.problem, kept.data(), offsets.data());
      kept.resize(offsets.back());
      require(offsets == wanted_offsets, "the numbers of kept boxes differ from the definition");
      require(kept == wanted, "the kept boxes differ from the definition");
    }
  }
  // The same floats as a detector's output: every row that comes out is a box with area.
  static Candidates candidates;
  const uint32_t n = static_cast<uint32_t>(input.boxes.size() / 6);
  candidates.collect(input.boxes.data(), n, {0.0f, 4.0f});
  for (uint32_t i = 0; i < candidates.count(); i++) {
    float row[6];
    candidates.write_row(i, row);
    require(row[2] >= row[0] && row[3] >= row[1] && row[4] >= 0 && row[5] >= 0 && row[5] < 4, "a candidate is odd");
  }
  return 0;
}
