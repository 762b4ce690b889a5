/**
 * The difference between the server's wall clock and this page's, from pings: the answer that came back quickest is the
 * most exact (half of its round trip is the error's bound; D. Mills, RFC 5905, section 8).
 */
export class ClockOffset {
  readonly #window: number;
  readonly #samples: { roundTripMs: number; offsetMs: number }[] = [];

  constructor(window = 12) {
    this.#window = window;
  }

  /** `sentAtMs` and `receivedAtMs` on this page's clock (epoch), `serverEpochMs` on the server's, in between. */
  add(sentAtMs: number, serverEpochMs: number, receivedAtMs: number): void {
    const roundTripMs = receivedAtMs - sentAtMs;
    if (roundTripMs < 0) return;
    this.#samples.push({ roundTripMs, offsetMs: serverEpochMs - (sentAtMs + receivedAtMs) / 2 });
    if (this.#samples.length > this.#window) this.#samples.shift();
  }

  /** Server's clock less this page's, milliseconds; null before the first answer. */
  get offsetMs(): number | null {
    return this.#best?.offsetMs ?? null;
  }

  /** How far `offsetMs` may be off. */
  get uncertaintyMs(): number | null {
    return this.#best ? this.#best.roundTripMs / 2 : null;
  }

  get #best() {
    return this.#samples.toSorted((a, b) => a.roundTripMs - b.roundTripMs)[0];
  }
}
