/** Takes a value again and again while something is measured; what cannot be had just then is left out. */
export class Sampler {
  readonly #values: number[] = [];
  readonly #timer: NodeJS.Timeout;
  #reading: Promise<void> = Promise.resolve();

  constructor(read: () => Promise<number | null>, everyMs: number) {
    this.#timer = setInterval(() => {
      this.#reading = read().then(
        (value) => {
          if (value !== null) this.#values.push(value);
        },
        () => undefined,
      );
    }, everyMs);
  }

  /** Ends it, and gives all values. May be called twice. */
  async stop(): Promise<readonly number[]> {
    clearInterval(this.#timer);
    await this.#reading;
    return this.#values;
  }
}
