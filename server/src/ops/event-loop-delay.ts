import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 10;
const WINDOW_MS = 10_000;

/** The main thread's event-loop delay over the last ten to twenty seconds. */
export class EventLoopDelay {
  #current: IntervalHistogram;
  #previous: IntervalHistogram | null = null;
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#current = begin();
    this.#timer = setInterval(() => {
      this.#previous?.disable();
      this.#previous = this.#current;
      this.#previous.disable();
      this.#current = begin();
    }, WINDOW_MS);
    this.#timer.unref();
  }

  /** Milliseconds above the sampling interval; 0 before anything was sampled. */
  p99Ms(): number {
    const histograms = [this.#current, this.#previous].filter((h): h is IntervalHistogram => h !== null && h.count > 0);
    if (histograms.length === 0) return 0;
    return Math.max(0, Math.max(...histograms.map((h) => h.percentile(99))) / 1e6 - RESOLUTION_MS);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#current.disable();
    this.#previous?.disable();
  }
}

function begin(): IntervalHistogram {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return histogram;
}
