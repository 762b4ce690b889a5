import { LatencyWindow } from '../../core/latency-window.js';

/** Bounds of a hold, and how it follows what is measured. */
export interface HoldOptions {
  /** Video never waits longer. */
  maxMs: number;
  /** Added to the measured latency: the message travels beside the picture. */
  marginMs: number;
  /** Samples that the quantile is taken over. */
  window: number;
  /** The hold rises at once by all that is missing, and falls by this share of the difference every update. */
  fallShare: number;
}

export const HOLD_DEFAULTS: HoldOptions = { maxMs: 400, marginMs: 8, window: 150, fallShare: 0.08 };

/** After a change of who detects, so many samples tell what the new one does. */
const SETTLED_SAMPLES = 20;

/**
 * How long a stream's video waits so that its detections are there when it is shown: the 95th percentile of the time from
 * a frame's arrival to its tracks. Zero until anything was measured.
 */
export class Hold {
  readonly #options: HoldOptions;
  readonly #latencies: LatencyWindow;
  #holdMs = 0;
  /** What was measured since somebody else began to detect is not enough yet to go by. */
  #changing = false;

  constructor(options: Partial<HoldOptions> = {}) {
    this.#options = { ...HOLD_DEFAULTS, ...options };
    this.#latencies = new LatencyWindow(this.#options.window);
  }

  get ms(): number {
    return this.#holdMs;
  }

  /** The tracks of a frame came so long after it. */
  record(latencyMs: number): void {
    this.#latencies.record(Math.max(0, latencyMs));
  }

  /** Somebody else detects from now on, and may be far slower or faster: what was measured counts no more. */
  sourceChanged(): void {
    this.#latencies.clear();
    this.#changing = true;
  }

  /** Follows the measurement; call it about once a second. Returns the new hold. */
  update(): number {
    const { count, p95Ms } = this.#latencies.summary();
    if (count === 0) return this.#holdMs;
    const { maxMs, marginMs, fallShare } = this.#options;
    const wanted = Math.min(maxMs, p95Ms + marginMs);
    const settles = this.#changing && count >= SETTLED_SAMPLES;
    this.#holdMs = wanted > this.#holdMs || settles ? wanted : this.#holdMs + (wanted - this.#holdMs) * fallShare;
    if (settles) this.#changing = false;
    return this.#holdMs;
  }
}
