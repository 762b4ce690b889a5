/** How long a call takes, over many calls. */
export interface Timing {
  p50Ms: number;
  p99Ms: number;
  runs: number;
}

export interface TimingLimits {
  /** Calls at most, and milliseconds at most unless that is less than one call. */
  runs: number;
  budgetMs: number;
}

/** The value below which the share `q` of `sorted` lies (nearest rank). */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))]!;
}

export function summarise(samplesMs: readonly number[]): Timing {
  const sorted = [...samplesMs].sort((a, b) => a - b);
  return { p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99), runs: sorted.length };
}

/**
 * Calls `once` (which returns the milliseconds that count; by default those that it took) after two calls that do not
 * count, unless one alone takes the whole budget.
 */
export function measure(
  once: () => unknown,
  { runs, budgetMs }: TimingLimits,
  nowMs: () => number = () => performance.now(),
): Timing {
  const timed = (): number => {
    const before = nowMs();
    const own = once();
    return typeof own === 'number' ? own : nowMs() - before;
  };
  const samples = [timed()];
  if (samples[0]! < budgetMs) {
    timed();
    samples.length = 0;
    const startMs = nowMs();
    do samples.push(timed());
    while (samples.length < runs && nowMs() - startMs < budgetMs);
  }
  return summarise(samples);
}
