/** Timestamps that go on over the seam of a loop. Pure; in any one time base. */

export interface PacketTimes {
  pts: bigint;
  dts: bigint;
  /** 0 when the container does not say. */
  duration: bigint;
}

/**
 * Places the packets of a clip that is read again and again: the first dts becomes 0, and a loop begins where the one
 * before it ended, that is at its last dts plus that packet's duration (or, unknown, its distance to the one before).
 */
export class LoopTimeline {
  #firstDts: bigint | null = null;
  #offset = 0n;
  #lastDts = 0n;
  #lastStep = 0n;

  /** The times of the next packet, in reading order. dts strictly increases if it does so within the clip. */
  place(times: PacketTimes): PacketTimes {
    this.#firstDts ??= times.dts;
    const dts = times.dts - this.#firstDts + this.#offset;
    const step = dts - this.#lastDts;
    this.#lastStep = times.duration > 0n ? times.duration : step > 0n ? step : this.#lastStep;
    this.#lastDts = dts;
    return { pts: times.pts - this.#firstDts + this.#offset, dts, duration: times.duration };
  }

  /** The clip's end was reached: what is placed next begins a new loop. */
  nextLoop(): void {
    this.#offset = this.#lastDts + this.#lastStep;
  }
}
