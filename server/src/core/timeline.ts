const RTP_WRAP = 2 ** 32;
const RTP_CLOCK_HZ = 90_000;
/** A step beyond this in either direction is no frame interval: the source's clock was reset. */
const MAX_STEP_US = 10_000_000;
/** A step that is so much longer than the time that passed is a jump of the source's clock, not a burst of frames. */
const JUMP_US = 500_000;
/** So far may jumps, in sum, carry presentation time ahead of the time that passed. */
const MAX_JUMPED_LEAD_US = 10_000_000;
/** So far may anything: cameras and servers begin with the last group of pictures at once, which is shorter. */
const MAX_LEAD_US = 60_000_000;
/** The part of the time that passed by which a lead or a lag is forgotten: two clocks never agree. */
const FORGOTTEN_SHARE = 0.01;
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
 * time that has passed, so that PTS keeps pace with the clock on the wall. For the same reason jumps forward that are
 * small enough to be taken one by one are refused when together they lead too far.
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
  /** By how much presentation time has gained on the time of arrival since the connection began; negative: lost. */
  #leadUs = 0;
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
    const leadUs = fade(this.#leadUs, FORGOTTEN_SHARE * arrivalStepUs) + stepUs - arrivalStepUs;
    const leadLimitUs = stepUs - arrivalStepUs > JUMP_US ? MAX_JUMPED_LEAD_US : MAX_LEAD_US;
    if (stepUs > 0 && leadUs > leadLimitUs) return this.#rebase(rtpTimestamp, arrivalMs);
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
    this.#leadUs = leadUs;
    this.#lastArrivalMs = arrivalMs;
    return { ptsUs, rebased: false };
  }

  #rebase(rtpTimestamp: number, arrivalMs: number): MappedTime {
    const first = this.#highestPtsUs < 0;
    const elapsedUs = first ? 0 : (arrivalMs - this.#lastArrivalMs) * 1000;
    // Time that leads must not run on at a frame's interval for each rebase of a flood.
    const leastUs = this.#attached && this.#leadUs > 0 ? TICK_US : NOMINAL_STEP_US;
    const advanceUs = Math.max(leastUs, Math.round(elapsedUs));
    const ptsUs = first ? this.#startUs : this.#highestPtsUs + advanceUs;
    // A new connection may begin with a burst again; within one, a rebase is no way to gain time.
    this.#leadUs = this.#attached ? fade(this.#leadUs, FORGOTTEN_SHARE * elapsedUs) + advanceUs - elapsedUs : 0;
    this.#attached = true;
    this.#lastRtp = rtpTimestamp;
    this.#ticks = 0;
    this.#originUs = ptsUs;
    this.#highestPtsUs = ptsUs;
    this.#lastArrivalMs = arrivalMs;
    return { ptsUs, rebased: !first };
  }
}

/** `value`, nearer to zero by `amount`. */
function fade(value: number, amount: number): number {
  return Math.sign(value) * Math.max(0, Math.abs(value) - Math.max(0, amount));
}

/** The shortest way from one 32-bit timestamp to another: -2^31 .. 2^31 - 1. */
function signedStep(from: number, to: number): number {
  return (to - from) | 0;
}
