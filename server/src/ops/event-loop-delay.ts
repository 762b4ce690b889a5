import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 10;
const WINDOW_MS = 10_000;

/**
 * The main thread's event-loop delay over the last ten to twenty seconds. Two histograms take turns: each costs 400 KB
 * outside V8's sight, and one that is dropped waits for a collection of the whole heap, minutes later.
 */
export class EventLoopDelay {
  #current = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #previous = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#current.enable();
    this.#timer = setInterval(() => {
      [this.#current, this.#previous] = [this.#previous, this.#current];
      this.#previous.disable();
      this.#current.reset();
      this.#current.enable();
    }, WINDOW_MS);
    this.#timer.unref();
  }

  /** Milliseconds above the sampling interval; 0 before anything was sampled. */
  p99Ms(): number {
    const sampled = [this.#current, this.#previous].filter((h) => h.count > 0);
    if (sampled.length === 0) return 0;
    return Math.max(0, Math.max(...sampled.map((h) => h.percentile(99))) / 1e6 - RESOLUTION_MS);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#current.disable();
    this.#previous.disable();
  }
}
