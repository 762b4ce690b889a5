/** Counts of durations by size, as Prometheus wants them: cumulative, to the upper bounds, infinity last. */
export interface HistogramCounts {
  /** Milliseconds, ascending; one fewer than the counts. */
  boundsMs: readonly number[];
  cumulative: number[];
  sumMs: number;
}

/** From half a millisecond (tracking) to five seconds (a detector that cannot keep up). */
export const LATENCY_BOUNDS_MS: readonly number[] = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

/**
 * Durations since the process began, counted into fixed buckets: unlike the quantiles of a window, these can be added up
 * over streams, servers and hours. Recording is a handful of comparisons, so it may sit in the frame path.
 */
export class LatencyHistogram {
  readonly #boundsMs: readonly number[];
  readonly #counts: Float64Array;
  #sumMs = 0;

  constructor(boundsMs: readonly number[] = LATENCY_BOUNDS_MS) {
    this.#boundsMs = boundsMs;
    this.#counts = new Float64Array(boundsMs.length + 1);
  }

  record(valueMs: number): void {
    let bucket = 0;
    while (bucket < this.#boundsMs.length && valueMs > this.#boundsMs[bucket]!) bucket++;
    this.#counts[bucket]!++;
    this.#sumMs += valueMs;
  }

  counts(): HistogramCounts {
    let total = 0;
    const cumulative = Array.from(this.#counts, (count) => (total += count));
    return { boundsMs: this.#boundsMs, cumulative, sumMs: this.#sumMs };
  }
}
