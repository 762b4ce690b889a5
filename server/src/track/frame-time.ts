/**
 * Timestamps come in whole microseconds or in ticks of 90 kHz (11.1 us): differences below this are rounding, and a
 * step that is that close to whole frame intervals is taken as whole. At a constant frame rate `dt` is exactly 1.
 */
const TIMESTAMP_ROUNDING_US = 12;

/** What the tracker derives from the nominal frame rate and the track buffer. Durations in whole microseconds. */
export class FrameTime {
  readonly frameRate: number;
  /** One nominal frame. */
  readonly intervalUs: number;
  /** Half a nominal frame: the tolerance of comparisons that the paper makes in frame counts. */
  readonly halfIntervalUs: number;
  /** A track unseen for longer than this has expired. */
  readonly expiryUs: number;
  /** A track unseen for longer than this is not even tried. */
  readonly forgetUs: number;

  /**
   * The reference keeps a lost track for `int(frameRate / 30 * trackBuffer)` frames, i.e. `trackBuffer / 30` seconds
   * in whole frames, and tries it on two more (see `Tracklet.expired`). Half an interval on top keeps jitter of the
   * timestamps from turning "exactly so many frames" into "a little more".
   */
  constructor(frameRate: number, trackBuffer: number) {
    const keptFrames = Math.trunc((frameRate / 30) * trackBuffer);
    this.frameRate = frameRate;
    this.intervalUs = 1e6 / frameRate;
    this.halfIntervalUs = Math.round(this.intervalUs / 2);
    this.expiryUs = Math.round((keptFrames + 0.5) * this.intervalUs);
    this.forgetUs = Math.round((keptFrames + 2.5) * this.intervalUs);
  }

  /** A PTS step in nominal frames. */
  framesOf(stepUs: number): number {
    const frames = stepUs / this.intervalUs;
    const whole = Math.round(frames);
    return whole >= 1 && Math.abs(stepUs - whole * this.intervalUs) <= TIMESTAMP_ROUNDING_US ? whole : frames;
  }
}
