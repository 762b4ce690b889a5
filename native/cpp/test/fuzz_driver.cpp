// Feeds the fuzz target without libFuzzer: problems of many kinds, and mutations of them.
//   nms_fuzz [seconds] [seed]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "problem_bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

namespace {

using Bytes = std::vector<uint8_t>;

class Maker {
 public:
  explicit Maker(uint64_t seed) : random_(seed) {}

  Bytes next() {
    if (!last_.empty() && below(3) == 0) {
      mutate(&last_);
    } else {
      last_ = below(2) ? structured() : noise();
    }
    return last_;
  }

 private:
  uint32_t below(uint32_t bound) { return static_cast<uint32_t>(random_() % bound); }
  float uniform(float least, float most) {
    return least + (most - least) * static_cast<float>(random_() >> 40) / 16777216.0f;
  }
  uint32_t size() {
    const uint32_t most[] = {4, 40, 400, 1500};
    return below(most[below(20) == 0 ? 3 : below(3)]);
  }
  uint8_t byte() { return static_cast<uint8_t>(random_()); }

  Bytes header(uint8_t flags) {
    return {static_cast<uint8_t>((byte() & 30) | flags), byte(), byte(), below(3) ? uint8_t{0} : byte(),
            below(3) ? uint8_t{0} : byte()};
  }

  // Small integers: many ties, touching edges and identical boxes.
  Bytes noise() {
    Bytes bytes = header(0);
    const uint8_t mask = static_cast<uint8_t>((1u << (2 + below(7))) - 1);
    for (size_t n = size() * lanecast::SMALL_RECORD; n > 0; n--) bytes.push_back(byte() & mask);
    return bytes;
  }

  Bytes structured() {
    Bytes bytes = header(lanecast::RAW);
    const uint32_t kind = below(7);
    const float place = std::ldexp(1.0f, static_cast<int>(below(40)) - 10);
    float cx = 0, cy = 0, w = 1, h = 1;
    for (uint32_t i = 0, n = size(); i < n; i++) {
      float x = uniform(0, 640), y = uniform(0, 640), width = uniform(10, 110), height = uniform(10, 110);
      if (kind == 1) {  // clusters
        if (i % 40 == 0) cx = x, cy = y, w = width, h = height;
        x = cx + uniform(-5, 5), y = cy + uniform(-5, 5), width = w * uniform(0.8f, 1.2f), height = h * uniform(0.8f, 1.2f);
      } else if (kind == 2) {  // scales
        width = std::ldexp(uniform(1, 2), static_cast<int>(below(14)) - 3);
        height = std::ldexp(uniform(1, 2), static_cast<int>(below(14)) - 3);
      } else if (kind == 3) {  // every exponent
        const float unit = std::ldexp(1.0f, static_cast<int>(below(270)) - 146);
        x = unit * uniform(-2, 2), y = unit * uniform(-2, 2), width = unit * uniform(0.1f, 1), height = unit * uniform(0.1f, 1);
      } else if (kind == 4) {  // around the area where products underflow
        const float unit = std::ldexp(1.0f, static_cast<int>(below(40)) - 76);
        x = unit * uniform(0, 2), y = unit * uniform(0, 2), width = unit * uniform(0.5f, 2), height = unit * uniform(0.5f, 2);
      } else if (kind == 5) {  // far away, where coordinates are coarse
        x += 1000 * place, y -= 1000 * place;
      } else if (kind == 6) {  // a chain
        x = 3.0f * static_cast<float>(i), y = 0, width = 10, height = 10;
      }
      const float box[] = {x - width / 2, y - height / 2, x + width / 2, y + height / 2};
      const uint8_t *raw = reinterpret_cast<const uint8_t *>(box);
      bytes.insert(bytes.end(), raw, raw + sizeof box);
      bytes.push_back(byte());
      bytes.push_back(byte());
    }
    return bytes;
  }

  void mutate(Bytes *bytes) {
    for (uint32_t n = 1 + below(8); n > 0; n--) {
      const uint32_t at = below(static_cast<uint32_t>(bytes->size()));
      if (below(2)) (*bytes)[at] = byte();
      else (*bytes)[at] = static_cast<uint8_t>((*bytes)[at] ^ (1u << below(8)));
    }
    if (below(8) == 0) bytes->resize(1 + below(static_cast<uint32_t>(bytes->size())));
  }

  std::mt19937_64 random_;
  Bytes last_;
};

}  // namespace

int main(int count, char **arguments) {
  const double seconds = count > 1 ? std::atof(arguments[1]) : 60;
  const uint64_t seed = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 1;
  Maker maker(seed);
  const auto start = std::chrono::steady_clock::now();
  uint64_t problems = 0;
  do {
    const Bytes bytes = maker.next();
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    problems++;
  } while (std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() < seconds);
  std::printf("%llu problems, no difference\n", static_cast<unsigned long long>(problems));
}
