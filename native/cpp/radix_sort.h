// Stable least-significant-digit radix sort.
#ifndef LANECAST_RADIX_SORT_H
#define LANECAST_RADIX_SORT_H

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
  uint32_t starts[2048];
  for (unsigned shift = 0; shift < key_bits; shift += digit_bits) {
    for (size_t b = 0; b < buckets; b++) starts[b] = 0;
    const uint64_t mask = buckets - 1;
    for (const Item &item : items) starts[(key(item) >> shift) & mask]++;
    if (starts[(key(items[0]) >> shift) & mask] == count) continue;
    uint32_t sum = 0;
    for (size_t b = 0; b < buckets; b++) sum += std::exchange(starts[b], sum);
    for (const Item &item : items) spare[starts[(key(item) >> shift) & mask]++] = item;
    items.swap(spare);
  }
}

}  // namespace lanecast

#endif
