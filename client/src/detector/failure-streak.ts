/** A frame may fail now and then; many in a row mean that none will succeed. */
export class FailureStreak {
  readonly #limit: number;
  #failures = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** True from the failure on that is one too many. */
  failed(): boolean {
    return ++this.#failures >= this.#limit;
  }
}
