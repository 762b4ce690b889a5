/** What a page says of itself when it lends. */
export interface LenderTerms {
  /** Detections a second that it measured. */
  perS: number;
  /** The streams whose video it gets. */
  streams: ReadonlySet<string>;
}

/** So much of what was taken off after a lease that was too slow comes back in this time. */
const RECOVER_MS = 60_000;
const RETRY_MIN_MS = 10_000;
const RETRY_MAX_MS = 300_000;
/** A lease that was held so long was no failure, whatever ended it. */
const GOOD_HOLD_MS = 60_000;

/** A page that lends, as the policy knows it: what it says, and what it has shown. */
export class Lender {
  readonly id: string;
  /** Whom a lie is remembered of. */
  readonly identity: string;
  terms: LenderTerms;
  #learned: { perS: number; atMs: number } | null = null;
  readonly #failures = new Map<string, { count: number; untilMs: number }>();

  constructor(id: string, identity: string, terms: LenderTerms) {
    this.id = id;
    this.identity = identity;
    this.terms = terms;
  }

  /** Detections a second that it may be trusted with: what it says, or less if it did less. */
  capacity(nowMs: number): number {
    const { perS } = this.terms;
    if (!this.#learned) return perS;
    const recovered = Math.min(1, (nowMs - this.#learned.atMs) / RECOVER_MS);
    return Math.min(perS, this.#learned.perS + recovered * Math.max(0, perS - this.#learned.perS));
  }

  /** A lease failed; in all it had so many detections a second. */
  failed(stream: string, heldForMs: number, achievedPerS: number | null, nowMs: number): void {
    if (achievedPerS !== null) this.#learned = { perS: achievedPerS, atMs: nowMs };
    const before = heldForMs >= GOOD_HOLD_MS ? 0 : (this.#failures.get(stream)?.count ?? 0);
    this.#failures.set(stream, {
      count: before + 1,
      untilMs: nowMs + Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** before),
    });
  }

  mayTry(stream: string, nowMs: number): boolean {
    return this.terms.streams.has(stream) && nowMs >= (this.#failures.get(stream)?.untilMs ?? -Infinity);
  }
}
