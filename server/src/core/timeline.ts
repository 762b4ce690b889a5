const RTP_WRAP = 2 ** 32;
const RTP_CLOCK_HZ = 90_000;
/** A step beyond this in either direction is no frame interval: the source's clock was reset. */
const MAX_STEP_US = 10_000_000;
/** What a rebase advances by at least: one frame at 25 frames per second. */
const NOMINAL_STEP_US = 40_000;
/** Two units with one timestamp are kept apart by one RTP tick, rounded up. */
const TICK_US = 12;

/** The RTP timestamp that belongs to a presentation time (RFC 6184: 90 kHz clock). */
export function rtpTimestampOf(ptsUs: number): number {
  return Math.round(ptsUs * 0.09) % RTP_WRAP;
}

/** One mapped access unit. */
export interface MappedTime {
  ptsUs: number;
  /** True when the source's clock was re-based here: what was tracked before has no known distance in time. */
  rebased: boolean;
}

/**
 * Maps a source's 32-bit RTP timestamps (RFC 3550, 5.1) to `ptsUs`: strictly increasing for the life of the stream,
 * across wraps, reconnects, source resets and backward jumps. A rebase continues at the last time plus the monotonic
 * time that has passed, so that PTS keeps pace with the clock on the wall.
 *
 * Streams with reordered pictures (B-frames) present their units in decoding order, where time steps back a little:
 * pass `reorderUs` > 0 for them, and small backward steps are taken as they are.
 */
export class StreamTimeline {
  #lastRtp = 0;
  /** Unwrapped RTP time of the last unit, in ticks. */
  #ticks = 0;
  /** `ptsUs = #originUs + ticks`. */
  #originUs = 0;
  #highestPtsUs = -1;
  #lastArrivalMs = 0;
  #attached = false;
  readonly #startUs: number;

  /** `startUs`: the first time handed out; a stream that is resumed on another thread goes on from its last one. */
  constructor(startUs = 0) {
    this.#startUs = startUs;
  }

  /** The highest time handed out; -1 before the first. */
  get highestPtsUs(): number {
    return this.#highestPtsUs;
  }

  /** The connection ended: the next unit's timestamp has nothing to do with the last one's. */
  detach(): void {
    this.#attached = false;
  }

  map(rtpTimestamp: number, arrivalMs: number, reorderUs = 0): MappedTime {
    if (!this.#attached) return this.#rebase(rtpTimestamp, arrivalMs);
    const step = signedStep(this.#lastRtp, rtpTimestamp);
    const stepUs = (step * 1e6) / RTP_CLOCK_HZ;
    const arrivalStepUs = (arrivalMs - this.#lastArrivalMs) * 1000;
    if (Math.abs(stepUs) > MAX_STEP_US + 3 * arrivalStepUs) return this.#rebase(rtpTimestamp, arrivalMs);
    this.#lastRtp = rtpTimestamp;
    this.#ticks += step;
    let ptsUs = this.#originUs + Math.round((this.#ticks * 1e6) / RTP_CLOCK_HZ);
    if (ptsUs <= this.#highestPtsUs) {
      const reordered = reorderUs > 0 && ptsUs > this.#highestPtsUs - reorderUs;
      if (!reordered) {
        if (step !== 0) return this.#rebase(rtpTimestamp, arrivalMs);
        ptsUs = this.#highestPtsUs + TICK_US;
      }
    }
    this.#highestPtsUs = Math.max(this.#highestPtsUs, ptsUs);
    this.#lastArrivalMs = arrivalMs;
    return { ptsUs, rebased: false };
  }

  #rebase(rtpTimestamp: number, arrivalMs: number): MappedTime {
    const first = this.#highestPtsUs < 0;
    const elapsedUs = Math.max(NOMINAL_STEP_US, Math.round((arrivalMs - this.#lastArrivalMs) * 1000));
    const ptsUs = first ? this.#startUs : this.#highestPtsUs + elapsedUs;
    this.#attached = true;
    this.#lastRtp = rtpTimestamp;
    this.#ticks = 0;
    this.#originUs = ptsUs;
    this.#highestPtsUs = ptsUs;
    this.#lastArrivalMs = arrivalMs;
    return { ptsUs, rebased: !first };
  }
}

/** The shortest way from one 32-bit timestamp to another: -2^31 .. 2^31 - 1. */
function signedStep(from: number, to: number): number {
  return (to - from) | 0;
}
