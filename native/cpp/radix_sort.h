// Stable least-significant-digit radix sort.
#ifndef LANECAST_RADIX_SORT_H
#define LANECAST_RADIX_SORT_H

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace lanecast {

// Sorts items by the lowest `key_bits` bits of key(item), ascending; equal keys keep their order. `spare` is scratch
// space that grows to the size of `items`.
template <typename Item, typename Key>
void radix_sort(std::vector<Item> &items, std::vector<Item> &spare, unsigned key_bits, Key key) {
  const size_t count = items.size();
  if (count < 2) return;
  spare.resize(count);
  // Small digits cost more passes, large ones longer tables.
  const unsigned digit_bits = count < 4096 ? 8 : 11;
  const size_t buckets = size_t{1} << digit_bits;
  const uint64_t mask = buckets - 1;
  const unsigned passes = (key_bits + digit_bits - 1) / digit_bits;
  // All digits are counted in one go; a 64-bit key has up to 8 of 8 bits or 6 of 11.
  uint32_t counts[6 * 2048];
  std::fill(counts, counts + passes * buckets, 0);
  for (const Item &item : items) {
    const uint64_t bits = key(item);
    for (unsigned pass = 0; pass < passes; pass++) counts[pass * buckets + (bits >> pass * digit_bits & mask)]++;
  }
  for (unsigned pass = 0; pass < passes; pass++) {
    const unsigned shift = pass * digit_bits;
    uint32_t *const starts = counts + pass * buckets;
    if (starts[key(items[0]) >> shift & mask] == count) continue;
    uint32_t sum = 0;
    for (size_t b = 0; b < buckets; b++) sum += std::exchange(starts[b], sum);
    for (const Item &item : items) spare[starts[key(item) >> shift & mask]++] = item;
    items.swap(spare);
  }
}

}  // namespace lanecast

#endif
