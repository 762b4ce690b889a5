/** Summary of a window of samples, in the samples' unit (milliseconds everywhere in Lanecast). */
export interface LatencySummary {
  count: number;
  meanMs: number;
  minMs: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  maxMs: number;
}

/**
 * The last `capacity` samples, exactly; quantiles by the nearest-rank definition when they are asked for. Recording
 * costs one store, so it may sit in the frame path. `total` counts all samples ever recorded.
 */
export class LatencyWindow {
  readonly #samples: Float64Array;
  #next = 0;
  #size = 0;
  #total = 0;

  constructor(capacity = 4096) {
    this.#samples = new Float64Array(capacity);
  }

  get total(): number {
    return this.#total;
  }

  record(valueMs: number): void {
    this.#samples[this.#next] = valueMs;
    this.#next = (this.#next + 1) % this.#samples.length;
    this.#size = Math.min(this.#size + 1, this.#samples.length);
    this.#total++;
  }

  clear(): void {
    this.#next = this.#size = 0;
  }

  /** All zero when there are no samples. */
  summary(): LatencySummary {
    const sorted = this.#samples.slice(0, this.#size).sort();
    const count = sorted.length;
    if (count === 0) return { count, meanMs: 0, minMs: 0, p50Ms: 0, p95Ms: 0, p99Ms: 0, maxMs: 0 };
    const rank = (q: number): number => sorted[Math.max(0, Math.ceil(q * count) - 1)]!;
    let sum = 0;
    for (const value of sorted) sum += value;
    return {
      count,
      meanMs: sum / count,
      minMs: sorted[0]!,
      p50Ms: rank(0.5),
      p95Ms: rank(0.95),
      p99Ms: rank(0.99),
      maxMs: sorted[count - 1]!,
    };
  }
}
