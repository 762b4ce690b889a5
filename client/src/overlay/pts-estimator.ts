/** The frame that a receiver last gave to its video (`RTCRtpReceiver.getSynchronizationSources`). */
export interface PlayedFrame {
  rtpTimestamp: number;
  /** When, as `performance.now()` counts. */
  atMs: number;
}

/** What is known of a presented frame. */
export interface UnnamedFrame {
  /** Media time in seconds: near the presentation time, from another zero. */
  mediaTimeS: number;
  /** When the frame was given to the screen (`presentationTime`). */
  presentedAtMs: number;
  /** null: the browser does not tell. */
  played: PlayedFrame | null;
}

/** A frame whose presentation time is known. */
export interface KnownFrame {
  rtpTimestamp: number;
  ptsUs: number;
}

const TICKS_PER_US = 0.09;

/**
 * Estimates a presented frame's presentation time in browsers that do not tell its RTP timestamp. Nearly always it is the
 * frame that the receiver last gave away, whose timestamp can be asked for; if that happened after the frame was given to
 * the screen, it is the one before. Measured in Chromium against the true timestamps: the first rule is right for 98 % of
 * the frames, and the second for most of the others.
 *
 * Where receivers do not tell either, `mediaTime` has to do. It is the time of arrival rather than of presentation: the
 * distance between both is the median of what was seen lately between the newest track message and the frame on screen.
 */
export class PtsEstimator {
  readonly #window: number;
  readonly #offsetsUs: number[] = [];
  #lastTicks: number | null = null;
  /** Between two frames; the shortest that was seen. */
  #intervalTicks = Infinity;

  constructor(window = 61) {
    this.#window = window;
  }

  /** `newest`: the latest track message. Returns the estimate for this frame, microseconds. */
  observe({ mediaTimeS, presentedAtMs, played }: UnnamedFrame, newest: KnownFrame): number {
    return played ? this.#byPlayed(played, presentedAtMs, newest) : this.#byMediaTime(mediaTimeS * 1e6, newest.ptsUs);
  }

  reset(): void {
    this.#offsetsUs.length = 0;
    this.#lastTicks = null;
    this.#intervalTicks = Infinity;
  }

  #byPlayed({ rtpTimestamp, atMs }: PlayedFrame, presentedAtMs: number, newest: KnownFrame): number {
    const step = this.#lastTicks === null ? 0 : (rtpTimestamp - this.#lastTicks) | 0;
    if (step > 0) this.#intervalTicks = Math.min(this.#intervalTicks, step);
    this.#lastTicks = rtpTimestamp;
    const isNext = atMs > presentedAtMs && Number.isFinite(this.#intervalTicks);
    // RTP timestamps wrap after 13 hours: the difference as a signed 32-bit number does not.
    const ticks = ((rtpTimestamp - newest.rtpTimestamp) | 0) - (isNext ? this.#intervalTicks : 0);
    return newest.ptsUs + ticks / TICKS_PER_US;
  }

  #byMediaTime(mediaUs: number, newestPtsUs: number): number {
    this.#offsetsUs.push(newestPtsUs - mediaUs);
    if (this.#offsetsUs.length > this.#window) this.#offsetsUs.shift();
    const sorted = this.#offsetsUs.toSorted((a, b) => a - b);
    return mediaUs + sorted[sorted.length >> 1]!;
  }
}
