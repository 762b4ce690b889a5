/**
 * Estimates a presented frame's presentation time in browsers that do not tell its RTP timestamp. A frame's `mediaTime`
 * runs as its presentation time does, from another zero: the distance is the median of what was seen lately between the
 * newest track message and the frame on screen.
 */
export class PtsEstimator {
  readonly #window: number;
  readonly #offsetsUs: number[] = [];

  constructor(window = 61) {
    this.#window = window;
  }

  /** `newestPtsUs`: the latest track message at the time of the frame. Returns the estimate for this frame. */
  observe(mediaTimeS: number, newestPtsUs: number): number {
    const mediaUs = mediaTimeS * 1e6;
    this.#offsetsUs.push(newestPtsUs - mediaUs);
    if (this.#offsetsUs.length > this.#window) this.#offsetsUs.shift();
    const sorted = this.#offsetsUs.toSorted((a, b) => a - b);
    return mediaUs + sorted[sorted.length >> 1]!;
  }

  reset(): void {
    this.#offsetsUs.length = 0;
  }
}
