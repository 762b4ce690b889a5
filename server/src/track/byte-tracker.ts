import type { Detection } from '../core/types.js';
import { assign } from './assignment.js';
import { AssociationCosts } from './association-cost.js';
import { gate } from './detection-gate.js';
import { removeDuplicates } from './duplicates.js';
import { FrameTime } from './frame-time.js';
import { checkFrameRate, resolveOptions, type ByteTrackerOptions } from './options.js';
import { Tracklet } from './tracklet.js';

/** Highest costs of the second association and of the one with unconfirmed tracks, as in the reference. */
const SECOND_MATCH_THRESHOLD = 0.5;
const UNCONFIRMED_MATCH_THRESHOLD = 0.7;

/** A confirmed track that was matched on this frame. Corners are the filter's estimate, in source pixels. */
export interface Track {
  /** From 1, in order of beginning; unique until `reset()`. */
  id: number;
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  /** Score of the matched detection. */
  score: number;
  /** Winner of the score-weighted vote over the track's detections. */
  classIndex: number;
  /** Velocity of the centre, source pixels per second. */
  velocityXPxPerS: number;
  velocityYPxPerS: number;
  /** The detection itself: unfiltered, so its errors are independent from frame to frame (speed wants that). */
  detection: Detection;
}

/** Totals since the tracker was made. */
export interface TrackerCounters {
  /** Detections that were not finite, inverted, absurdly large, or beyond `maxDetections`. */
  detectionsDropped: number;
  /** Frames whose PTS was not above that of the frame before (or no number); they change nothing. */
  framesOutOfOrder: number;
  /** Tracks not begun because `maxTracks` are remembered. */
  tracksRefused: number;
}

/**
 * ByteTrack (Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box", ECCV 2022), one
 * tracker per stream. Each frame: predict; match confident detections with confirmed tracks (tracked and lost); match
 * weak detections with the tracked ones left over; confirm candidates; begin new ones; forget old ones. Association
 * ignores classes; a track's class is a vote.
 *
 * Time is PTS: see `FrameTime` and `KalmanFilter`. At a constant frame interval of `1 / frameRate` every id and box is
 * that of the authors' implementation; when frames are dropped motion and ageing stay right.
 */
export class ByteTracker {
  readonly #options: ByteTrackerOptions;
  readonly #costs = new AssociationCosts();
  readonly #counters: TrackerCounters = {
    detectionsDropped: 0,
    framesOutOfOrder: 0,
    tracksRefused: 0,
  };
  #time: FrameTime;
  /** Matched on the last frame, confirmed or candidates. The order of both lists decides between equal costs. */
  #tracked: Tracklet[] = [];
  #lost: Tracklet[] = [];
  #lastId = 0;
  /** PTS of the last frame; null before the first. */
  #lastUs: number | null = null;

  /** Throws a LanecastError `track-config`. */
  constructor(options: Partial<ByteTrackerOptions> = {}) {
    this.#options = resolveOptions(options);
    this.#time = new FrameTime(this.#options.frameRate, this.#options.trackBuffer);
  }

  get counters(): Readonly<TrackerCounters> {
    return this.#counters;
  }

  /** Tracks that are remembered: confirmed, candidates and lost. */
  get trackCount(): number {
    return this.#tracked.length + this.#lost.length;
  }

  /** Nominal frames per second. */
  get frameRate(): number {
    return this.#time.frameRate;
  }

  /** A better estimate of the nominal frame rate; live tracks keep their velocity in px/s. Throws `track-config`. */
  set frameRate(frameRate: number) {
    checkFrameRate(frameRate);
    const factor = this.#time.frameRate / frameRate;
    for (const track of [...this.#tracked, ...this.#lost]) track.rescaleTime(factor);
    this.#time = new FrameTime(frameRate, this.#options.trackBuffer);
  }

  /** Begins a new epoch: forgets all tracks; ids start at 1 again and any PTS may follow. */
  reset(): void {
    this.#tracked = [];
    this.#lost = [];
    this.#lastId = 0;
    this.#lastUs = null;
  }

  /**
   * Takes the detections (after NMS, any order, kept unchanged) of the frame at `ptsUs` (microseconds, above the last
   * one's) and returns the tracks that are confirmed and matched on it. Frames without detections count too.
   */
  update(detections: readonly Detection[], ptsUs: number): Track[] {
    const isFirst = this.#lastUs === null;
    const stepUs = ptsUs - (this.#lastUs ?? ptsUs);
    if (!Number.isFinite(ptsUs) || (!isFirst && stepUs <= 0)) {
      this.#counters.framesOutOfOrder++;
      return [];
    }
    this.#lastUs = ptsUs;
    const { high, low } = this.#split(detections);
    this.#forgetUnseenBefore(ptsUs - this.#time.forgetUs);

    const candidates = this.#tracked.filter(({ confirmed }) => !confirmed);
    const pool = this.#predict(stepUs);

    const first = assign(this.#cost(pool, high), this.#options.matchThreshold);
    const found: Tracklet[] = [];
    for (const [row, column] of first.matches) {
      const track = pool[row]!;
      if (track.lost) found.push(track);
      track.match(high[column]!, ptsUs);
    }

    const leftOver = first.unmatchedRows.map((row) => pool[row]!).filter(({ lost }) => !lost);
    const second = assign(this.#costs.iou(leftOver, low), SECOND_MATCH_THRESHOLD);
    for (const [row, column] of second.matches) leftOver[row]!.match(low[column]!, ptsUs);
    const newlyLost = second.unmatchedRows.map((row) => leftOver[row]!);
    for (const track of newlyLost) track.lost = true;

    const unclaimed = first.unmatchedColumns.map((column) => high[column]!);
    const third = assign(this.#cost(candidates, unclaimed), UNCONFIRMED_MATCH_THRESHOLD);
    for (const [row, column] of third.matches) candidates[row]!.match(unclaimed[column]!, ptsUs);
    const rejected = new Set(third.unmatchedRows.map((row) => candidates[row]!));
    const fresh = third.unmatchedColumns.map((column) => unclaimed[column]!);

    this.#tracked = this.#tracked.filter((track) => !track.lost && !rejected.has(track));
    this.#age(newlyLost, ptsUs);
    const room = this.#options.maxTracks - this.trackCount - found.length;
    this.#tracked.push(...this.#begin(fresh, ptsUs, isFirst, room), ...found);
    ({ tracked: this.#tracked, lost: this.#lost } = removeDuplicates(
      this.#tracked,
      this.#lost,
      this.#time.halfIntervalUs,
      this.#costs,
    ));
    return this.#tracked.filter(({ confirmed }) => confirmed).map((track) => this.#publish(track));
  }

  /** Confident and weak detections. One whose score equals `trackThreshold` is neither, as in the reference. */
  #split(detections: readonly Detection[]): { high: Detection[]; low: Detection[] } {
    const { trackThreshold, lowThreshold, maxDetections } = this.#options;
    const usable = gate(detections, maxDetections);
    this.#counters.detectionsDropped += detections.length - usable.length;
    return {
      high: usable.filter(({ score }) => score > trackThreshold),
      low: usable.filter(({ score }) => score > lowThreshold && score < trackThreshold),
    };
  }

  /**
   * After a gap in time. The reference, which counts frames, would have lost and forgotten these tracks on the missing
   * frames; at a constant frame interval nothing is left to do here.
   */
  #forgetUnseenBefore(limitUs: number): void {
    const isRecent = ({ seenUs }: Tracklet): boolean => seenUs >= limitUs;
    if (!this.#tracked.every(isRecent)) this.#tracked = this.#tracked.filter(isRecent);
    if (!this.#lost.every(isRecent)) this.#lost = this.#lost.filter(isRecent);
  }

  /** Confirmed tracks, then lost ones, moved ahead. Candidates stay where they are: they have no velocity yet. */
  #predict(stepUs: number): Tracklet[] {
    const dt = this.#time.framesOf(stepUs);
    const pool = [...this.#tracked.filter(({ confirmed }) => confirmed), ...this.#lost];
    for (const track of pool) track.predict(dt);
    return pool;
  }

  #cost(tracks: readonly Tracklet[], detections: readonly Detection[]) {
    return this.#options.fuseScore ? this.#costs.fused(tracks, detections) : this.#costs.iou(tracks, detections);
  }

  /** New tracks, `room` at most; those of the very first frame are confirmed at once. */
  #begin(detections: readonly Detection[], ptsUs: number, isFirst: boolean, room: number): Tracklet[] {
    const likely = detections.filter(({ score }) => score >= this.#options.newTrackThreshold);
    const begun = likely.slice(0, Math.max(0, room));
    this.#counters.tracksRefused += likely.length - begun.length;
    return begun.map((detection) => new Tracklet(++this.#lastId, detection, ptsUs, isFirst));
  }

  /** The lost ones of the next frame. Those that expire now are tried once more: see `Tracklet.expired`. */
  #age(newlyLost: readonly Tracklet[], ptsUs: number): void {
    const stillLost = this.#lost.filter(({ lost }) => lost);
    const next = [...stillLost, ...newlyLost].filter(({ expired }) => !expired);
    for (const track of stillLost) if (ptsUs - track.seenUs > this.#time.expiryUs) track.expired = true;
    this.#lost = next;
  }

  #publish(track: Tracklet): Track {
    const { id, x1, y1, x2, y2, classIndex, detection } = track;
    return {
      id,
      x1,
      y1,
      x2,
      y2,
      score: detection.score,
      classIndex,
      velocityXPxPerS: track.velocityX * this.#time.frameRate,
      velocityYPxPerS: track.velocityY * this.#time.frameRate,
      detection,
    };
  }
}
