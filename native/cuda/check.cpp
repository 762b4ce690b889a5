// Holds the CUDA library against the sequential definition, on a machine with a GPU; needs nothing but a C++ compiler:
//   g++ -std=c++17 -O2 -ffp-contract=off check.cpp -ldl -o check && ./check ./liblanecast_nms_cuda.so [cases] [seed]
// Runs under compute-sanitizer as well. Exit status 1, and the case, at the first difference.
#include <dlfcn.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "nms_cuda.h"

namespace {

struct Case {
  std::string name;
  std::vector<float> boxes, scores;
  std::vector<int32_t> classes;  // empty: none
  std::vector<uint32_t> offsets{0};
  float iou = 0.5f, score = -std::numeric_limits<float>::infinity();
  uint32_t max = 0;
};

// The definition, one box after another. Compiled without contraction each float operation rounds by itself.
std::vector<int32_t> sequential(const Case &c, uint32_t first, uint32_t end) {
  const uint32_t n = end - first;
  const float *boxes = c.boxes.data() + 4 * first, *scores = c.scores.data() + first;
  std::vector<int32_t> order, kept;
  std::vector<float> areas(n);
  for (uint32_t i = 0; i < n; i++) {
    const float *b = boxes + 4 * i;
    if (!std::isfinite(b[0]) || !std::isfinite(b[1]) || !std::isfinite(b[2]) || !std::isfinite(b[3])) continue;
    if (!std::isfinite(scores[i]) || scores[i] < c.score) continue;
    areas[i] = std::max(0.0f, b[2] - b[0]) * std::max(0.0f, b[3] - b[1]);
    order.push_back(static_cast<int32_t>(i));
  }
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return scores[a] > scores[b]; });
  for (int32_t i : order) {
    if (c.max && kept.size() >= c.max) break;
    const float *b = boxes + 4 * i;
    bool out = false;
    for (size_t k = 0; k < kept.size() && !out; k++) {
      const int32_t j = kept[k];
      if (!c.classes.empty() && c.classes[first + i] != c.classes[first + j]) continue;
      const float *a = boxes + 4 * j;
      const float w = std::max(0.0f, std::min(a[2], b[2]) - std::max(a[0], b[0]));
      const float h = std::max(0.0f, std::min(a[3], b[3]) - std::max(a[1], b[1]));
      const float both = w * h, either = (areas[j] + areas[i]) - both;
      out = both / either > c.iou;
    }
    if (!out) kept.push_back(i);
  }
  return kept;
}

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  Case next() {
    Case c;
    static const float thresholds[] = {0, 1e-4f, 0.05f, 0.1f, 0.3f, 0.45f, 0.5f, 0.6f, 0.7f, 0.9f, 0.99f, 0.99999f, 1};
    c.iou = thresholds[whole(0, 12)];
    const int shape = whole(0, 9), classes = whole(0, 3);
    // Around the sizes where the library changes its way of working.
    const int size = whole(0, 9);
    const uint32_t images = size < 3 ? whole(1, 20) : size < 5 ? whole(2, 4) : 1;
    for (uint32_t b = 0; b < images; b++) {
      const uint32_t n = size < 3   ? whole(0, 300)
                         : size < 5 ? whole(0, 2500)
                         : size < 6 ? whole(900, 1100)
                         : size < 9 ? whole(1025, 6000)
                                    : whole(12000, 16000);
      for (uint32_t i = 0; i < n; i++) add(c, shape, i, n);
      c.offsets.push_back(c.offsets.back() + n);
    }
    if (classes == 0)
      for (size_t i = 0; i < c.scores.size(); i++) c.classes.push_back(whole(-1, 2));
    if (whole(0, 4) == 0) c.score = 0.4f;
    if (whole(0, 3) == 0) c.max = whole(1, 400);
    c.name = "shape " + std::to_string(shape) + ", " + std::to_string(images) + " images, " +
             std::to_string(c.scores.size()) + " boxes, IoU " + std::to_string(c.iou) + ", max " +
             std::to_string(c.max) + (c.classes.empty() ? "" : ", classes");
    return c;
  }

 private:
  int whole(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }
  float real(float from, float to) { return std::uniform_real_distribution<float>(from, to)(random_); }

  void add(Case &c, int shape, uint32_t i, uint32_t n) {
    float x = real(0, 640), y = real(0, 640), w = real(10, 110), h = real(10, 110), score = real(0, 1);
    switch (shape) {
      case 0: break;  // uniform
      case 1: {       // clustered
        const uint32_t object = i % (n / 200 + 1);
        x = 97.0f * (object % 7) + real(-4, 4);
        y = 83.0f * (object / 7 % 7) + real(-4, 4);
        w = 40 + real(-4, 4);
        h = 30 + real(-4, 4);
        break;
      }
      case 2:  // whole coordinates and few scores: ties, duplicates, IoU exactly at the threshold
        x = whole(0, 40);
        y = whole(0, 40);
        w = whole(0, 6);
        h = whole(0, 6);
        score = whole(0, 4) / 4.0f;
        break;
      case 3:  // chains: each suppresses the next, which would suppress the one after it
        x = 3.0f * i;
        y = 0;
        w = h = 10;
        score = 1.0f - i * 1e-6f;
        break;
      case 4: {  // sizes over many octaves
        const float scale = std::exp2(real(-6, 11));
        w = scale * real(0.8f, 1.2f);
        h = scale * real(0.8f, 1.2f);
        break;
      }
      case 5:  // far from the origin: coordinates are coarse
        x += 3e7f;
        y -= 1e6f;
        break;
      case 6: {  // values at the edges of float32
        static const float odd[] = {0, -0.0f, 1e-45f, 1e-38f, 1e-23f, 1e-20f, 1, 1e19f, 3e38f, -3e38f, 1e30f,
                                    INFINITY, -INFINITY, NAN, 2, 3};
        if (whole(0, 2) == 0) x = odd[whole(0, 15)];
        if (whole(0, 2) == 0) y = odd[whole(0, 15)];
        if (whole(0, 2) == 0) w = odd[whole(0, 15)];
        if (whole(0, 2) == 0) h = odd[whole(0, 15)];
        if (whole(0, 5) == 0) score = odd[whole(0, 15)];
        break;
      }
      case 7: {  // tiny: areas that underflow
        const float scale = std::exp2(static_cast<float>(whole(-80, -60)));
        x = scale * whole(0, 20);
        y = scale * whole(0, 20);
        w = scale * whole(1, 8);
        h = scale * whole(1, 8);
        break;
      }
      case 8:  // all overlap
        x = 100 + real(-1, 1);
        y = 100 + real(-1, 1);
        w = 200 + real(-3, 3);
        h = 200 + real(-3, 3);
        break;
      default:  // long and thin, both ways
        w = whole(0, 1) ? real(1, 4) : real(200, 600);
        h = whole(0, 1) ? real(1, 4) : real(200, 600);
    }
    c.boxes.insert(c.boxes.end(), {x, y, x + w, y + h});
    c.scores.push_back(score);
  }

  std::mt19937 random_;
};

template <typename F>
F load(void *library, const char *name) {
  void *symbol = dlsym(library, name);
  if (!symbol) {
    std::fprintf(stderr, "%s\n", dlerror());
    std::exit(2);
  }
  return reinterpret_cast<F>(symbol);
}

}  // namespace

int main(int argc, char **argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: check LIBRARY [cases=1000] [seed=1]\n");
    return 2;
  }
  void *library = dlopen(argv[1], RTLD_NOW);
  if (!library) {
    std::fprintf(stderr, "%s\n", dlerror());
    return 2;
  }
  const auto create = load<decltype(&lanecast_nms_cuda_create)>(library, "lanecast_nms_cuda_create");
  const auto run = load<decltype(&lanecast_nms_cuda_run)>(library, "lanecast_nms_cuda_run");
  const auto destroy = load<decltype(&lanecast_nms_cuda_destroy)>(library, "lanecast_nms_cuda_destroy");
  const int cases = argc > 2 ? std::atoi(argv[2]) : 1000;
  Generator generator(argc > 3 ? std::atoi(argv[3]) : 1);
  char error[256];
  LanecastNmsCuda *context;
  if (create(&context, error, sizeof error) != 0) {
    std::fprintf(stderr, "%s\n", error);
    return 2;
  }
  for (int n = 0; n < cases; n++) {
    const Case c = generator.next();
    const uint32_t images = static_cast<uint32_t>(c.offsets.size() - 1), total = c.offsets.back();
    std::vector<int32_t> kept(total);
    std::vector<uint32_t> offsets(images + 1);
    const LanecastNmsProblem problem{c.boxes.data(), c.scores.data(), c.classes.empty() ? nullptr : c.classes.data(),
                                     c.offsets.data(), images, c.iou, c.score, c.max};
    for (int again = 0; again < 2; again++) {
      if (run(context, &problem, kept.data(), offsets.data(), nullptr, error, sizeof error) != 0) {
        std::fprintf(stderr, "case %d (%s): %s\n", n, c.name.c_str(), error);
        return 1;
      }
      for (uint32_t b = 0; b < images; b++) {
        const std::vector<int32_t> expected = sequential(c, c.offsets[b], c.offsets[b + 1]);
        const std::vector<int32_t> got(kept.begin() + offsets[b], kept.begin() + offsets[b + 1]);
        if (got == expected) continue;
        const size_t at = std::mismatch(got.begin(), got.begin() + std::min(got.size(), expected.size()),
                                        expected.begin()).first - got.begin();
        std::fprintf(stderr, "case %d (%s), image %u, run %d: %zu kept, not %zu; they differ from the %zuth on\n", n,
                     c.name.c_str(), b, again, got.size(), expected.size(), at);
        return 1;
      }
    }
  }
  destroy(context);
  std::printf("%d cases, each twice: all as the definition says\n", cases);
  return 0;
}
