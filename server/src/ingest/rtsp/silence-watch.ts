import type { Clock } from '../../core/clock.js';

export interface SilenceWatchOptions {
  timeoutMs: number;
  clock: Clock;
  /** Monotonic time when something last arrived. */
  lastSeenMs: () => number;
  onSilence: () => void;
}

/** Calls `onSilence` once when nothing has arrived for the time-out. Costs nothing per packet: one sleeping timer. */
export class SilenceWatch {
  readonly #options: SilenceWatchOptions;
  readonly #startedAtMs: number;
  #cancel: (() => void) | null = null;
  #closed = false;

  constructor(options: SilenceWatchOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.nowMs();
    this.#sleep(options.timeoutMs);
  }

  /** May be called twice. */
  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#cancel = null;
  }

  #sleep(delayMs: number): void {
    // At least 1 ms: a timer that fires a fraction early must not spin.
    this.#cancel = this.#options.clock.after(Math.max(1, delayMs), () => {
      if (this.#closed) return;
      const { clock, lastSeenMs, timeoutMs, onSilence } = this.#options;
      const silentForMs = clock.nowMs() - Math.max(lastSeenMs(), this.#startedAtMs);
      if (silentForMs >= timeoutMs) onSilence();
      else this.#sleep(timeoutMs - silentForMs);
    });
  }
}
