/** The index that an arrow leads to, round and round; from none (-1), the first or the last. */
export function neighbour(index: number, count: number, step: 1 | -1): number {
  if (index < 0) return step === 1 ? 0 : count - 1;
  return (index + step + count) % count;
}
