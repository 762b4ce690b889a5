/** What the policy needs to know of a stream. */
export interface BatchSource {
  /** Is a frame waiting? */
  readonly ready: boolean;
  /** When its last frame was taken; -Infinity if none was. */
  readonly lastServedMs: number;
}

export interface BatchLimits {
  maxBatch: number;
  /** How long a first frame may wait for company. */
  maxWaitMs: number;
}

/** A stream that was not served for this long is not worth waiting for. */
const ACTIVE_MS = 1000;

/**
 * Decides which streams' newest frames make up the next batch: those that were served longest ago, so that no stream
 * starves when there is more work than time. A batch that is not full waits for more, at most `maxWaitMs` from when
 * its first frame was seen, and only if another stream is active and may yet fill it.
 */
export class Batcher<T extends BatchSource> {
  readonly #limits: BatchLimits;
  readonly #batch: T[] = [];
  #firstSeenMs: number | null = null;

  constructor(limits: BatchLimits) {
    this.#limits = limits;
  }

  /**
   * The next batch; valid until the next call. Empty: there is nothing to do yet, and `waitMs` says for how long at
   * most (Infinity: until a frame comes).
   */
  next(streams: readonly T[], nowMs: number): { batch: readonly T[]; waitMs: number } {
    const { maxBatch, maxWaitMs } = this.#limits;
    const batch = this.#batch;
    batch.length = 0;
    let expected = 0;
    for (const stream of streams) {
      if (stream.ready) batch.push(stream);
      else if (nowMs - stream.lastServedMs < ACTIVE_MS) expected++;
    }
    if (batch.length === 0) {
      this.#firstSeenMs = null;
      return { batch, waitMs: Infinity };
    }
    this.#firstSeenMs ??= nowMs;
    const waitMs = this.#firstSeenMs + maxWaitMs - nowMs;
    if (batch.length < maxBatch && expected > 0 && waitMs > 0) {
      batch.length = 0;
      return { batch, waitMs };
    }
    this.#firstSeenMs = null;
    // Stable, so that streams served together keep their order.
    batch.sort((a, b) => (a.lastServedMs === b.lastServedMs ? 0 : a.lastServedMs - b.lastServedMs));
    if (batch.length > maxBatch) batch.length = maxBatch;
    return { batch, waitMs: 0 };
  }
}
