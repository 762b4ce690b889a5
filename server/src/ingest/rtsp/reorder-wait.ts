export interface ReorderWaitOptions {
  /** The wait while packets come in order. */
  minMs: number;
  /** However late packets come. */
  maxMs: number;
}

/** What was seen is forgotten after one to two of these. */
const WINDOW_MS = 10_000;
/** The next packet may be a little later than the latest so far. */
const MARGIN = 1.25;

/**
 * How long a gap is worth waiting for, from how late the packets came that filled gaps, in time or too late: a network
 * whose packets overtake one another by 200 ms (Wi-Fi, mobile) delays its stream by as much instead of breaking it, and any
 * other one is not delayed. The most of the last ten to twenty seconds counts, so that one wave of delay is learnt once.
 */
export class ReorderWait {
  readonly #options: ReorderWaitOptions;
  #windowBeganAtMs = -Infinity;
  #latestMs = 0;
  #latestBeforeMs = 0;

  constructor(options: ReorderWaitOptions) {
    this.#options = options;
  }

  /** A packet came so long after the gap was noticed that it belongs into. */
  cameAfter(lateMs: number, nowMs: number): void {
    this.#turn(nowMs);
    this.#latestMs = Math.max(this.#latestMs, lateMs);
  }

  currentMs(nowMs: number): number {
    this.#turn(nowMs);
    const { minMs, maxMs } = this.#options;
    return Math.min(Math.max(minMs, MARGIN * Math.max(this.#latestMs, this.#latestBeforeMs)), maxMs);
  }

  #turn(nowMs: number): void {
    const passedMs = nowMs - this.#windowBeganAtMs;
    if (passedMs < WINDOW_MS) return;
    this.#latestBeforeMs = passedMs < 2 * WINDOW_MS ? this.#latestMs : 0;
    this.#latestMs = 0;
    this.#windowBeganAtMs = nowMs;
  }
}
