import type { Clock } from '../../core/clock.js';
import type { Pipeline } from '../../pipeline/api.js';

/** A frame this recent shows that the pipeline works. */
const RECENT_MS = 10_000;

/** Whether the server does what it is there for. */
export class Readiness {
  readonly #pipeline: Pipeline;
  readonly #clock: Clock;
  readonly #unsubscribe: () => void;
  #lastProcessedMs = -Infinity;

  constructor(pipeline: Pipeline, clock: Clock) {
    this.#pipeline = pipeline;
    this.#clock = clock;
    this.#unsubscribe = pipeline.onTracks(() => (this.#lastProcessedMs = clock.nowMs()));
  }

  /** Null if ready, else why not. Without streams there is nothing to wait for. */
  reasonNotReady(): string | null {
    const streams = this.#pipeline.streams();
    if (streams.length === 0 || this.#clock.nowMs() - this.#lastProcessedMs < RECENT_MS) return null;
    // With detection switched off, decoded frames are what counts.
    const decoded = streams.some(({ lastFrameAgeMs }) => lastFrameAgeMs !== null && lastFrameAgeMs < RECENT_MS);
    if (decoded && this.#pipeline.stats().detector === null) return null;
    const live = streams.filter(({ state }) => state === 'live').length;
    return `No frame was processed in the last ${RECENT_MS / 1000} s; ${live} of ${streams.length} streams are live`;
  }

  close(): void {
    this.#unsubscribe();
  }
}
