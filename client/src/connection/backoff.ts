/** How long to wait before the next attempt to connect. */
export interface BackoffOptions {
  firstMs: number;
  longestMs: number;
  /** A connection that held so long clears the record. */
  stableAfterMs: number;
}

export const BACKOFF_DEFAULTS: BackoffOptions = { firstMs: 400, longestMs: 8000, stableAfterMs: 10_000 };

/**
 * Doubling waits with jitter (half of each is random), so that many dashboards do not return to a restarted server at
 * once. `random` gives 0..1.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #random: () => number;
  #failures = 0;

  constructor(options: Partial<BackoffOptions> = {}, random: () => number = Math.random) {
    this.#options = { ...BACKOFF_DEFAULTS, ...options };
    this.#random = random;
  }

  get failures(): number {
    return this.#failures;
  }

  /** An attempt failed, or a connection ended that had held for `heldMs`. Returns the wait before the next one. */
  next(heldMs = 0): number {
    if (heldMs >= this.#options.stableAfterMs) this.#failures = 0;
    const waitMs = Math.min(this.#options.longestMs, this.#options.firstMs * 2 ** Math.min(this.#failures, 30));
    this.#failures++;
    return waitMs / 2 + (waitMs / 2) * this.#random();
  }

  reset(): void {
    this.#failures = 0;
  }
}
