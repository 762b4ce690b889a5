export interface SizePolicyOptions {
  /** Pixels of the model inputs to choose from, largest first. */
  pixels: readonly number[];
  /** Looks in a row that must agree before the size changes. */
  patience?: number;
  /** A larger size must promise this many times what is wanted. */
  headroom?: number;
}

/** What a look at a running detector saw. */
export interface SizeLook {
  /** Detections a second that its streams ask for. */
  wantedPerSecond: number;
  /** What it could do at the present size (not what it happened to do). */
  capacityPerSecond: number;
}

/**
 * Fits the model's input size to the machine: the largest at which it keeps up. Time per frame is taken as proportional
 * to the pixels, which a convolutional network's nearly is. Slow to grow, and slower after a size proved too large, so
 * that it does not swing between two.
 */
export class SizePolicy {
  readonly #pixels: readonly number[];
  readonly #patience: number;
  readonly #headroom: number;
  #index = 0;
  #tooSlow = 0;
  #roomy = 0;
  /** Looks that growing needs; doubles each time that it was a mistake. */
  #growPatience: number;
  #grewLast = false;

  constructor({ pixels, patience = 3, headroom = 1.3 }: SizePolicyOptions) {
    if (pixels.length === 0) throw new RangeError('there is no size to choose from');
    this.#pixels = pixels;
    this.#patience = patience;
    this.#headroom = headroom;
    this.#growPatience = 2 * patience;
  }

  /** Index into `pixels` of the size to use. */
  get index(): number {
    return this.#index;
  }

  /** The size to begin with, from a benchmark at one of them. */
  begin(benchmarkedIndex: number, capacityPerSecond: number, wantedPerSecond: number): number {
    const fits = this.#pixels.findIndex(
      (_, index) => this.#capacityAt(index, benchmarkedIndex, capacityPerSecond) >= wantedPerSecond,
    );
    this.#index = fits < 0 ? this.#pixels.length - 1 : fits;
    this.#tooSlow = this.#roomy = 0;
    return this.#index;
  }

  /** To be called about once a second; returns the size to use from now on. */
  look({ wantedPerSecond, capacityPerSecond }: SizeLook): number {
    const larger = this.#index - 1;
    const slow = capacityPerSecond < wantedPerSecond && this.#index < this.#pixels.length - 1;
    const roomy =
      larger >= 0 &&
      this.#capacityAt(larger, this.#index, capacityPerSecond) >= this.#headroom * Math.max(wantedPerSecond, 1);
    this.#tooSlow = slow ? this.#tooSlow + 1 : 0;
    this.#roomy = roomy ? this.#roomy + 1 : 0;
    if (this.#tooSlow >= this.#patience) {
      if (this.#grewLast) this.#growPatience *= 2;
      this.#change(1, false);
    } else if (this.#roomy >= this.#growPatience) this.#change(-1, true);
    return this.#index;
  }

  #change(step: 1 | -1, grew: boolean): void {
    this.#index += step;
    this.#grewLast = grew;
    this.#tooSlow = this.#roomy = 0;
  }

  #capacityAt(index: number, measuredIndex: number, capacityPerSecond: number): number {
    return (capacityPerSecond * this.#pixels[measuredIndex]!) / this.#pixels[index]!;
  }
}
