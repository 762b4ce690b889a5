/** A request within this time of its like was waiting with it: agents repeat after 500 ms at least (RFC 8445, 14.3). */
const TOGETHER_MS = 100;
/** Requests of one connection that are remembered: a few a second come. */
const MAX_REMEMBERED = 32;

/**
 * Tells connectivity checks that waited together from those whose answer was lost.
 *
 * An agent repeats a check under the same transaction (RFC 8489, 6.2.1) until it is answered. A thread that comes to its
 * socket late finds several of them, and would answer each. libjuice (of libdatachannel, 2025) asks to be nominated under
 * that transaction too: it took the second answer to the plain check for the nomination's, never sent one, and the
 * connection never came about. One answer is enough: the rest did not get lost. Pure.
 */
export class StunRepeats {
  readonly #seenAtMs = new Map<string, number>();

  /** Whether the like of this request came just before. A check that nominates (RFC 8445, 7.1.2) is another request. */
  isRepeat(transactionId: string, nominates: boolean, nowMs: number): boolean {
    const key = `${transactionId}${nominates ? '!' : ''}`;
    const seenAtMs = this.#seenAtMs.get(key);
    if (seenAtMs !== undefined && nowMs - seenAtMs < TOGETHER_MS) return true;
    // The newest stand last.
    this.#seenAtMs.delete(key);
    this.#seenAtMs.set(key, nowMs);
    if (this.#seenAtMs.size > MAX_REMEMBERED) this.#seenAtMs.delete(this.#seenAtMs.keys().next().value!);
    return false;
  }
}
