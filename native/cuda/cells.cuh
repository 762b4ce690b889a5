// The grid that brings together the boxes that may overlap too much, and only few others.
//
// Let IoU(a, b) > t, with widths wa, wb, heights ha, hb, and an intersection of iw x ih. Then:
//  - iw * ih > t * wa * ha and ih <= ha, so iw > t * wa; and iw <= wb, so wb > t * wa. Likewise wa > t * wb, and for
//    heights: sizes differ by a factor of 1/t at most.
//  - (1 + t) * iw * ih > t * (wa * ha + wb * hb) and ih <= min(ha, hb), so iw > t / (1 + t) * (wa + wb). The centres
//    are (wa + wb) / 2 - iw apart at most, which is less than c * (wa + wb), c = (1 - t) / (2 * (1 + t)). Likewise
//    vertically.
// So boxes are filed by the binary exponents of width and height (their level), and within a level by the position of
// the centre in cells of `edge` times c 2^(exponent + 1). A box looks into every cell within its reach, level by level.
//
// Rounding: every float32 step is off by a factor of 1 +- 2^-24, all of them together by far less than kSlack; centres
// and cells are computed in double. The bounds break down where products underflow, or where a cell is finer than the
// coordinates: those boxes are "wild" and are compared with all others.
#ifndef LANECAST_CELLS_CUH
#define LANECAST_CELLS_CUH

#include "box_math.cuh"

namespace lanecast {

struct CellGeometry {
  double reach;          // c above
  double cells_per_size; // 1 / (edge c)
  float ratio;           // t, a little less
  float threshold;       // t
  uint32_t mask;         // buckets - 1
  bool nothing_overlaps; // t >= 1: IoU is never greater
  bool all_wild;         // t is so small that the bounds say nothing
};

constexpr float kSlack = 1e-5f;
constexpr float kSmallestTamedArea = 0x1p-96f;
constexpr float kSmallestTamedSide = 0x1p-100f, kLargestTamedSide = 0x1p100f;
constexpr double kCellLimit = 4194304.0;  // 2^22
constexpr int kMaxLevels = 16;            // per direction; boxes that would look into more are wild

// Buckets behind those of the grid.
__host__ __device__ __forceinline__ uint32_t wild_bucket(const CellGeometry &g) { return g.mask + 1; }
// Overlaps nothing: no area, or an infinite one. Kept, and never looked at.
__host__ __device__ __forceinline__ uint32_t lone_bucket(const CellGeometry &g) { return g.mask + 2; }
__host__ __device__ __forceinline__ uint32_t no_bucket(const CellGeometry &g) { return g.mask + 3; }

// Edges measured on an H100: with many boxes smaller cells pay, with few it is cheaper to look into fewer of them.
inline double cell_edge(uint32_t boxes) { return boxes > 50'000 ? 2 : 4; }

inline CellGeometry make_geometry(float threshold, uint32_t boxes, uint32_t buckets) {
  CellGeometry g;
  const double t = threshold;
  // Not below 0.02: cells much finer than the boxes gain nothing and make boxes wild that are near enough to 0.
  g.reach = (1 - t) / (2 * (1 + t)) + kSlack;
  if (g.reach < 0.02) g.reach = 0.02;
  g.cells_per_size = 1 / (cell_edge(boxes) * g.reach);
  g.ratio = threshold * (1 - kSlack);
  g.threshold = threshold;
  g.mask = buckets - 1;
  g.nothing_overlaps = threshold >= 1;
  g.all_wild = threshold < 1.0f / 1024;
  return g;
}

// Cells per unit of length in a level.
__device__ __forceinline__ double cell_density(const CellGeometry &g, int level) {
  return scalbn(g.cells_per_size, -(level + 1));
}

__device__ __forceinline__ double centre(float from, float to) {
  return 0.5 * (static_cast<double>(from) + static_cast<double>(to));
}

__device__ __forceinline__ uint32_t hash_cell(int ix, int iy, int level_x, int level_y, uint64_t tag) {
  uint32_t h = static_cast<uint32_t>(ix) * 0x9E3779B1u;
  h = (h ^ (h >> 15)) + static_cast<uint32_t>(iy) * 0x85EBCA77u;
  h = (h ^ (h >> 13)) + static_cast<uint32_t>(level_x * 512 + level_y) * 0xC2B2AE3Du;
  h = (h ^ (h >> 16)) + static_cast<uint32_t>(tag) * 0x27D4EB2Fu;
  h = (h ^ (h >> 15)) + static_cast<uint32_t>(tag >> 32) * 0x165667B1u;
  h ^= h >> 15;
  h *= 0x2C1B3C6Du;
  return h ^ (h >> 12);
}

// Where a box that takes part is filed. `tag` tells images and classes apart.
__device__ inline uint32_t bucket_of(const CellGeometry &g, float4 box, uint64_t tag) {
  const float area = area_of(box);
  if (g.nothing_overlaps || !(area > 0.0f && area <= FLT_MAX)) return lone_bucket(g);
  if (g.all_wild || area < kSmallestTamedArea) return wild_bucket(g);
  const float width = __fsub_rn(box.z, box.x), height = __fsub_rn(box.w, box.y);
  if (fminf(width, height) < kSmallestTamedSide || fmaxf(width, height) > kLargestTamedSide) return wild_bucket(g);
  const int level_x = ilogbf(width);
  const int level_y = ilogbf(height);
  const double ix = floor(centre(box.x, box.z) * cell_density(g, level_x));
  const double iy = floor(centre(box.y, box.w) * cell_density(g, level_y));
  if (!(fabs(ix) < kCellLimit && fabs(iy) < kCellLimit)) return wild_bucket(g);
  return hash_cell(static_cast<int>(ix), static_cast<int>(iy), level_x, level_y, tag) & g.mask;
}

}  // namespace lanecast

#endif
