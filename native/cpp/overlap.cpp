#include "overlap.h"

namespace lanecast {

void mark_overlaps_baseline(const Columns &, uint32_t, uint32_t, const Box &, float, uint8_t *);
void mark_overlaps_avx2(const Columns &, uint32_t, uint32_t, const Box &, float, uint8_t *);

namespace {

struct Variants {
  MarkOverlaps list[3] = {nullptr, nullptr, nullptr};

  Variants() {
    int count = 0;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2")) list[count++] = mark_overlaps_avx2;
#endif
    list[count] = mark_overlaps_baseline;
  }
};

const Variants variants;

}  // namespace

const MarkOverlaps mark_overlaps = variants.list[0];

const MarkOverlaps *mark_overlaps_variants() { return variants.list; }

}  // namespace lanecast
