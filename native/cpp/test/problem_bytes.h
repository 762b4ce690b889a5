// A suppression problem as bytes, so that a fuzzer can make and change it.
#ifndef LANECAST_PROBLEM_BYTES_H
#define LANECAST_PROBLEM_BYTES_H

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "../../cuda/nms_cuda.h"

namespace lanecast {

// What byte 0 says, bit by bit.
enum ProblemFlags : uint8_t {
  RAW = 1,          // records of RAW_RECORD bytes, else of SMALL_RECORD
  CLASSES = 2,
  MAXIMUM = 4,      // byte 2 is the most that are kept
  TWO_IMAGES = 8,
  SCORE_THRESHOLD = 16,
};

constexpr size_t PROBLEM_HEADER = 5;   // flags, threshold, maximum, power of two of the unit, of the offset
constexpr size_t SMALL_RECORD = 6;     // x, y, width, height, score, class
constexpr size_t RAW_RECORD = 18;      // four floats, score, class

struct ProblemData {
  std::vector<float> boxes, scores;
  std::vector<int32_t> classes;
  std::vector<uint32_t> offsets;
  LanecastNmsProblem problem = {};
};

inline float threshold_of(uint8_t code) {
  static const float special[] = {0, 1e-45f, 1e-7f, 0x1p-20f, 0.01f, 0.1f, 0.3f, 0.45f, 0.5f, 0.7f, 0.9f, 0.99f, 1};
  constexpr size_t count = sizeof special / sizeof *special;
  return code < 10 * count ? special[code % count] : static_cast<float>(code) / 255;
}

inline float score_of(uint8_t code) {
  if (code == 255) return NAN;
  if (code == 254) return -INFINITY;
  if (code == 253) return -0.0f;
  return static_cast<float>(code) / 64 - 1;
}

// False: too short.
inline bool read_problem(const uint8_t *data, size_t size, ProblemData *out) {
  if (size < PROBLEM_HEADER) return false;
  const uint8_t flags = data[0];
  const size_t record = flags & RAW ? RAW_RECORD : SMALL_RECORD;
  const uint32_t count = static_cast<uint32_t>(std::min<size_t>((size - PROBLEM_HEADER) / record, 1500));
  const float unit = std::ldexp(1.0f, static_cast<int8_t>(data[3]));
  const float offset = data[4] ? std::ldexp(1.0f, static_cast<int8_t>(data[4])) : 0;
  for (uint32_t i = 0; i < count; i++) {
    const uint8_t *at = data + PROBLEM_HEADER + i * record;
    float box[4];
    if (flags & RAW) {
      std::memcpy(box, at, sizeof box);
    } else {
      box[0] = offset + unit * at[0];
      box[1] = offset + unit * at[1];
      box[2] = box[0] + unit * static_cast<float>(static_cast<int8_t>(at[2]));
      box[3] = box[1] + unit * static_cast<float>(static_cast<int8_t>(at[3]));
    }
    out->boxes.insert(out->boxes.end(), box, box + 4);
    out->scores.push_back(score_of(at[record - 2]));
    out->classes.push_back(static_cast<int8_t>(at[record - 1]) >> 4);
  }
  out->offsets = flags & TWO_IMAGES ? std::vector<uint32_t>{0, count / 3, count} : std::vector<uint32_t>{0, count};
  out->problem = {out->boxes.data(),
                  out->scores.data(),
                  flags & CLASSES ? out->classes.data() : nullptr,
                  out->offsets.data(),
                  static_cast<uint32_t>(out->offsets.size() - 1),
                  threshold_of(data[1]),
                  flags & SCORE_THRESHOLD ? 0.25f : -INFINITY,
                  flags & MAXIMUM ? data[2] : 0u};
  return true;
}

}  // namespace lanecast

#endif
