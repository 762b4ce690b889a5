// Settling boxes that are filed in the grid: one warp a box. A box is suppressed by a better box that is kept, and kept
// when no better box that overlaps it too much is left; better boxes that are not settled yet are waited for. That is
// the lexicographically first maximal independent set (Blelloch, Fineman, Shun: "Greedy sequential maximal independent
// set and matching are parallel on average", SPAA 2012): unique, so the result is the sequential one, run after run.
//
// No deadlock: warps take ranks in order from a counter, so every box that is waited for is settled, or has a running
// warp; and the best box that is not settled waits for nobody.
#ifndef LANECAST_SETTLE_CUH
#define LANECAST_SETTLE_CUH

#include "cells.cuh"

namespace lanecast {

constexpr uint32_t kFull = 0xFFFFFFFFu;

enum State : uint8_t { kOpen = 0, kKept = 1, kSuppressed = 2 };

// A bucket's boxes are entries[start .. end); `best` is the rank of the best of them. All zero: empty.
struct Bucket {
  uint32_t start, end, best, unused;
};

// An entry: the rank of a box and its state, in one word.
__device__ __forceinline__ uint32_t entry_word(uint32_t rank, uint32_t state) { return rank << 2 | state; }
constexpr uint32_t kLargestTotal = 1u << 30;
constexpr uint32_t kNone = 0xFFFFFFFFu;

// Counters of one call; zero between calls.
struct Counters {
  uint32_t usable;     // boxes that take part
  uint32_t cursor;     // entries given out
  uint32_t next_rank;  // the next box to settle
  uint32_t unused;
};

struct SettleArguments {
  CellGeometry geometry;
  const float4 *boxes;    // by rank
  const uint64_t *tags;   // by rank; image and class. Null: all the same
  const Bucket *buckets;
  uint32_t *entries;
  const float4 *entry_boxes;
  const uint32_t *entry_of;  // by rank: its entry, or kNone
  uint8_t *states;           // by rank
  Counters *counters;
  uint32_t ranks_a_turn;     // how many ranks a warp takes at a time
};

// Other warps write these while they are read: never from a cache.
__device__ __forceinline__ uint32_t load_state(const uint8_t *states, uint32_t rank) {
  return *static_cast<const volatile uint8_t *>(states + rank);
}
__device__ __forceinline__ uint32_t load_entry(const uint32_t *entries, uint32_t entry) {
  return *static_cast<const volatile uint32_t *>(entries + entry);
}

// The cells of one direction that a box looks into: of each level a run of cells. Lanes 0-15 hold the levels of x,
// lanes 16-31 those of y.
struct Reach {
  int first_cell, level;
  uint32_t before;      // cells of the lower levels of the same direction
  uint32_t total_x, total_y;
  uint32_t levels_x, levels_y;
};

__device__ __forceinline__ Reach reach_of(const CellGeometry &g, float4 box, uint32_t lane) {
  const bool horizontal = lane < 16;
  const float size = horizontal ? __fsub_rn(box.z, box.x) : __fsub_rn(box.w, box.y);
  const double middle = horizontal ? centre(box.x, box.z) : centre(box.y, box.w);
  const int lowest = ilogbf(size * g.ratio);
  const int levels = ilogbf(size / g.ratio) - lowest + 1;
  const int mine = static_cast<int>(lane % 16);
  Reach reach;
  reach.level = lowest + mine;
  reach.first_cell = 0;
  uint32_t count = 0;
  if (mine < levels) {
    const double density = cell_density(g, reach.level);
    const double radius = (static_cast<double>(size) + scalbn(1.0, reach.level + 1)) * g.reach;
    const double from = fmax(floor((middle - radius) * density), -kCellLimit);
    const double to = fmin(floor((middle + radius) * density), kCellLimit);
    if (from <= to) {
      reach.first_cell = static_cast<int>(from);
      count = static_cast<uint32_t>(static_cast<int>(to) - reach.first_cell + 1);
    }
  }
  uint32_t upTo = count;
  for (int step = 1; step < 16; step *= 2) {
    const uint32_t lower = __shfl_up_sync(kFull, upTo, step, 16);
    if (mine >= step) upTo += lower;
  }
  reach.before = upTo - count;
  reach.total_x = __shfl_sync(kFull, upTo, 15);
  reach.total_y = __shfl_sync(kFull, upTo, 31);
  reach.levels_x = __shfl_sync(kFull, levels, 0);
  reach.levels_y = __shfl_sync(kFull, levels, 16);
  return reach;
}

// The cell at position `at` of a direction whose levels begin at lane `base`; every lane asks for its own.
__device__ __forceinline__ void find_cell(const Reach &r, uint32_t at, uint32_t base, uint32_t levels, int &cell,
                                          int &level) {
  cell = 0;
  level = 0;
  for (uint32_t l = 0; l < levels; l++) {
    const uint32_t before = __shfl_sync(kFull, r.before, base + l);
    const int first_cell = __shfl_sync(kFull, r.first_cell, base + l);
    const int its_level = __shfl_sync(kFull, r.level, base + l);
    if (at >= before) {
      cell = first_cell + static_cast<int>(at - before);
      level = its_level;
    }
  }
}

// What one warp knows of its box.
struct Candidate {
  float4 box;
  float area;
  uint64_t tag;
  uint32_t rank;
};

// What a look at other boxes found.
struct Finding {
  bool suppressed = false;  // by a kept one; the whole warp agrees
  uint32_t open = kNone;    // the best rival of this lane that is not settled
};

// Every lane brings at most one box (`has`).
__device__ __forceinline__ void weigh(const SettleArguments &a, const Candidate &c, bool has, uint32_t rank,
                                      uint32_t state, float4 box, Finding &found) {
  const bool rival = has && (!a.tags || a.tags[rank] == c.tag) &&
                     overlap_too_much(box, area_of(box), c.box, c.area, a.geometry.threshold);
  if (__ballot_sync(kFull, rival && state == kKept)) found.suppressed = true;
  if (rival) found.open = min(found.open, rank);
}

// All better boxes.
__device__ inline void look_everywhere(const SettleArguments &a, const Candidate &c, uint32_t lane, Finding &found) {
  for (uint32_t from = 0; from < c.rank && !found.suppressed; from += 32) {
    const uint32_t rank = from + lane;
    const uint32_t state = rank < c.rank ? load_state(a.states, rank) : kSuppressed;
    const bool has = state != kSuppressed;
    weigh(a, c, has, rank, state, has ? a.boxes[rank] : float4{}, found);
  }
}

// Every lane brings one bucket, or an empty one: looks at the best box of each.
__device__ inline void look_at_bests(const SettleArguments &a, const Candidate &c, const Bucket &bucket,
                                     Finding &found) {
  const bool better = bucket.end > bucket.start && bucket.best < c.rank;
  const uint32_t state = better ? load_state(a.states, bucket.best) : kSuppressed;
  const bool has = state != kSuppressed;
  weigh(a, c, has, bucket.best, state, has ? a.boxes[bucket.best] : float4{}, found);
}

// Every lane brings one bucket, or an empty one: looks at all entries of buckets of more than one.
template <bool SORTED>
__device__ inline void look_at_all(const SettleArguments &a, const Candidate &c, uint32_t lane, const Bucket &bucket,
                                   Finding &found) {
  uint32_t count = bucket.end > bucket.start + 1 && bucket.best < c.rank ? bucket.end - bucket.start : 0;
  if (SORTED && count > 64) {
    // Ranks ascend: what follows the candidate's cannot matter.
    uint32_t low = bucket.start, high = bucket.end;
    while (low < high) {
      const uint32_t middle = low + (high - low) / 2;
      if (load_entry(a.entries, middle) >> 2 < c.rank) low = middle + 1;
      else high = middle;
    }
    count = low - bucket.start;
  }
  uint32_t upTo = count;
  for (int step = 1; step < 32; step *= 2) {
    const uint32_t lower = __shfl_up_sync(kFull, upTo, step);
    if (lane >= static_cast<uint32_t>(step)) upTo += lower;
  }
  const uint32_t total = __shfl_sync(kFull, upTo, 31);
  for (uint32_t from = 0; from < total && !found.suppressed; from += 32) {
    // The lane whose bucket holds entry `at`: the first whose running sum is greater.
    const uint32_t at = from + lane;
    uint32_t owner = 0;
    for (int step = 16; step > 0; step /= 2) {
      const uint32_t sum = __shfl_sync(kFull, upTo, owner + step - 1);
      if (sum <= at) owner += step;
    }
    owner = min(owner, 31u);
    const uint32_t start = __shfl_sync(kFull, bucket.start, owner);
    const uint32_t before = __shfl_sync(kFull, upTo - count, owner);
    const uint32_t entry = start + (at - before);
    const uint32_t word = at < total ? load_entry(a.entries, entry) : entry_word(0, kSuppressed);
    const bool has = (word & 3) != kSuppressed && word >> 2 < c.rank;
    weigh(a, c, has, word >> 2, word & 3, has ? a.entry_boxes[entry] : float4{}, found);
  }
}

enum class Look { everywhere, bests, all };

// One look at the boxes that may be rivals.
template <bool SORTED>
__device__ inline Finding look(const SettleArguments &a, const Candidate &c, uint32_t lane, const Reach &reach,
                               Look how) {
  Finding found;
  if (how == Look::everywhere) {
    look_everywhere(a, c, lane, found);
    return found;
  }
  const CellGeometry &g = a.geometry;
  const uint32_t cells = reach.total_x * reach.total_y;
  for (uint32_t from = 0; from <= cells && !found.suppressed; from += 32) {  // the last is the bucket of the wild
    const uint32_t at = from + lane;
    int ix, iy, level_x, level_y;
    find_cell(reach, at % reach.total_x, 0, reach.levels_x, ix, level_x);
    find_cell(reach, at / reach.total_x, 16, reach.levels_y, iy, level_y);
    Bucket bucket{};
    if (at < cells) bucket = a.buckets[hash_cell(ix, iy, level_x, level_y, c.tag) & g.mask];
    else if (at == cells) bucket = a.buckets[wild_bucket(g)];
    if (how == Look::bests) look_at_bests(a, c, bucket, found);
    else look_at_all<SORTED>(a, c, lane, bucket, found);
  }
  return found;
}

// Looks until a kept rival is found, or no rival is left. Waits for the best open rival only: it is settled first, and
// in a crowd, where most boxes have many rivals, it is the one most likely to be kept.
template <bool SORTED>
__device__ inline bool suppressed(const SettleArguments &a, const Candidate &c, uint32_t lane, const Reach &reach,
                                  Look how) {
  for (;;) {
    const Finding found = look<SORTED>(a, c, lane, reach, how);
    if (found.suppressed) return true;
    uint32_t open = found.open;
    for (int step = 16; step > 0; step /= 2) open = min(open, __shfl_xor_sync(kFull, open, step));
    if (open == kNone) return false;
    uint32_t state;
    while ((state = load_state(a.states, open)) == kOpen) {
    }
    if (state == kKept) return true;
  }
}

template <bool SORTED>
__device__ inline bool suppressed(const SettleArguments &a, const Candidate &c, uint32_t lane) {
  const bool wild = bucket_of(a.geometry, c.box, c.tag) == wild_bucket(a.geometry);
  const Reach reach = wild ? Reach{} : reach_of(a.geometry, c.box, lane);
  if (wild || reach.levels_x > kMaxLevels || reach.levels_y > kMaxLevels || reach.total_x * reach.total_y >= c.rank)
    return suppressed<SORTED>(a, c, lane, reach, Look::everywhere);
  // The best of each bucket first: they settle most boxes, however many there are.
  return suppressed<SORTED>(a, c, lane, reach, Look::bests) || suppressed<SORTED>(a, c, lane, reach, Look::all);
}

template <bool SORTED>
__global__ void __launch_bounds__(256) settle_kernel(SettleArguments a) {
  const uint32_t lane = threadIdx.x % 32;
  const uint32_t usable = a.counters->usable;
  for (;;) {
    uint32_t first = 0;
    if (lane == 0) first = atomicAdd(&a.counters->next_rank, a.ranks_a_turn);
    first = __shfl_sync(kFull, first, 0);
    if (first >= usable) return;
    for (uint32_t rank = first; rank < min(first + a.ranks_a_turn, usable); rank++) {
      const uint32_t entry = a.entry_of[rank];
      if (entry == kNone) continue;  // overlaps nothing
      Candidate c;
      c.rank = rank;
      c.box = a.boxes[rank];
      c.area = area_of(c.box);
      c.tag = a.tags ? a.tags[rank] : 0;
      const uint32_t state = suppressed<SORTED>(a, c, lane) ? kSuppressed : kKept;
      if (lane == 0) {
        *static_cast<volatile uint8_t *>(a.states + rank) = static_cast<uint8_t>(state);
        *static_cast<volatile uint32_t *>(a.entries + entry) = entry_word(rank, state);
      }
    }
  }
}

}  // namespace lanecast

#endif
