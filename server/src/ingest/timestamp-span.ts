/** From the RTP timestamps of pictures (32 bits, which wrap) to their rate, in whatever order they come. */
export class TimestampSpan {
  #origin = 0;
  #lowest = 0;
  #highest = 0;
  #newest = 0;
  #count = 0;
  #reordered = false;

  add(rtpTimestamp: number): void {
    if (this.#count === 0) this.#origin = rtpTimestamp;
    const ticks = (rtpTimestamp - this.#origin) | 0;
    if (ticks < this.#newest) this.#reordered = true;
    this.#newest = ticks;
    this.#lowest = Math.min(this.#lowest, ticks);
    this.#highest = Math.max(this.#highest, ticks);
    this.#count++;
  }

  get count(): number {
    return this.#count;
  }

  /** A picture came that is shown before the one it came after: B-frames. */
  get reordered(): boolean {
    return this.#reordered;
  }

  /** Pictures a second; null for fewer than two, or where all have one timestamp. */
  fps(clockRate: number): number | null {
    const ticks = this.#highest - this.#lowest;
    return ticks > 0 ? ((this.#count - 1) * clockRate) / ticks : null;
  }

  /** Seconds from the first picture to the last one's end; null as `fps`. */
  seconds(clockRate: number): number | null {
    const fps = this.fps(clockRate);
    return fps === null ? null : this.#count / fps;
  }
}
