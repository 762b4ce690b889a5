/** How long to wait before publishing anew. Pure. */

const FIRST_MS = 250;
const LONGEST_MS = 5000;
const STABLE_MS = 10_000;

export class RestartDelay {
  #nextMs = FIRST_MS;

  /** The wait in milliseconds after a run of `ranMs`: it doubles up to 5 s, and begins anew after a run of 10 s. */
  after(ranMs: number): number {
    if (ranMs >= STABLE_MS) this.#nextMs = FIRST_MS;
    const delayMs = this.#nextMs;
    this.#nextMs = Math.min(delayMs * 2, LONGEST_MS);
    return delayMs;
  }
}
