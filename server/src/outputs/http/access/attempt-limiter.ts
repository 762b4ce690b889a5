import type { Clock } from '../../../core/clock.js';

/** Wrong tokens that one address may send at once, and how soon it may send another. */
const BURST = 10;
const REFILL_MS = 6000;
/** Addresses that are remembered; beyond, the one that was quiet longest is forgotten. */
const MAX_ADDRESSES = 10_000;

/**
 * Slows the guessing of tokens: so many failures for each address, and no more than one in a while (the generic cell rate
 * algorithm, ITU-T I.371). Right tokens cost nothing, but an address that has used up its failures is not even heard.
 */
export class AttemptLimiter {
  readonly #clock: Clock;
  /** By address: when all its failures will be forgiven; the longest quiet first. */
  readonly #forgivenAtMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Seconds until this address is heard again; 0: now. */
  waitS(address: string): number {
    const debtMs = this.#debtMs(address);
    return Math.ceil(Math.max(0, debtMs - (BURST - 1) * REFILL_MS) / 1000);
  }

  failed(address: string): void {
    const forgivenAtMs = this.#clock.nowMs() + this.#debtMs(address) + REFILL_MS;
    this.#forgivenAtMs.delete(address);
    this.#forgivenAtMs.set(address, forgivenAtMs);
    if (this.#forgivenAtMs.size > MAX_ADDRESSES) this.#forgivenAtMs.delete(this.#forgivenAtMs.keys().next().value!);
  }

  #debtMs(address: string): number {
    return Math.max(0, (this.#forgivenAtMs.get(address) ?? 0) - this.#clock.nowMs());
  }
}
