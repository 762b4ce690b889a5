import { RateMeter } from '../../core/rate-meter.js';

/** So much of the measured rate may wait in a channel. */
const WAITING_MS = 100;
/** Below this nothing is dropped: a few messages may wait whatever the rate is. */
const LEAST_BYTES = 8 << 10;

/**
 * Whether a message may join what waits in a lossy channel: old track messages are of no use, so beyond about 100 ms of
 * the measured rate the newest one is dropped.
 */
export class RateBound {
  readonly #rate = new RateMeter(2000, 250);

  /** `waitingBytes`: what the channel has not sent yet. Counts the message if it may go. */
  admits(waitingBytes: number, messageBytes: number, nowMs: number): boolean {
    const limit = Math.max(LEAST_BYTES, (this.#rate.rate(nowMs) * WAITING_MS) / 1000);
    if (waitingBytes > limit) return false;
    this.#rate.add(nowMs, messageBytes);
    return true;
  }
}
