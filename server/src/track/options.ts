import { LanecastError } from '../core/errors.js';

/** Settings of a `ByteTracker`. */
export interface ByteTrackerOptions {
  /** Detections above it take part in the first association. Default 0.5. */
  trackThreshold: number;
  /** Detections above it, and below `trackThreshold`, take part in the second association. Default 0.1. */
  lowThreshold: number;
  /** A new track needs at least this score. Default `trackThreshold + 0.1`. */
  newTrackThreshold: number;
  /** Highest cost of the first association. Default 0.8. */
  matchThreshold: number;
  /** How long a lost track is remembered, in thirtieths of a second. Default 30. */
  trackBuffer: number;
  /** Nominal frames per second: the unit of the motion model's noises. Default 30; may be corrected at run time. */
  frameRate: number;
  /** Multiply IoU by the detection's score (the reference's default; off is its `mot20`). Default true. */
  fuseScore: boolean;
  /**
   * More usable detections in a frame than this: the best are kept. Default 300. Bounds the time of a frame too, which
   * grows with the cube of the number of boxes on one spot.
   */
  maxDetections: number;
  /** While so many tracks are remembered no new one begins. Default 1000. */
  maxTracks: number;
}

const MAX_FRAME_RATE = 1000;
const MAX_TRACK_BUFFER = 30 * 3600;

function check(name: keyof ByteTrackerOptions, value: number, valid: boolean, range: string): void {
  if (valid) return;
  throw new LanecastError('track-config', `tracker option ${name} is ${value}; it must be ${range}`);
}

/** Throws a LanecastError `track-config` unless `0 < frameRate <= 1000`. */
export function checkFrameRate(frameRate: number): void {
  check('frameRate', frameRate, frameRate > 0 && frameRate <= MAX_FRAME_RATE, `above 0 and at most ${MAX_FRAME_RATE}`);
}

/** Fills in the defaults. Throws a LanecastError `track-config` that names the option and its range. */
export function resolveOptions(given: Partial<ByteTrackerOptions>): ByteTrackerOptions {
  const trackThreshold = given.trackThreshold ?? 0.5;
  const options: ByteTrackerOptions = {
    trackThreshold,
    lowThreshold: given.lowThreshold ?? 0.1,
    newTrackThreshold: given.newTrackThreshold ?? trackThreshold + 0.1,
    matchThreshold: given.matchThreshold ?? 0.8,
    trackBuffer: given.trackBuffer ?? 30,
    frameRate: given.frameRate ?? 30,
    fuseScore: given.fuseScore ?? true,
    maxDetections: given.maxDetections ?? 300,
    maxTracks: given.maxTracks ?? 1000,
  };
  for (const name of ['trackThreshold', 'lowThreshold', 'newTrackThreshold', 'matchThreshold'] as const) {
    check(name, options[name], Number.isFinite(options[name]), 'a number');
  }
  const { trackBuffer } = options;
  check('trackBuffer', trackBuffer, trackBuffer >= 0 && trackBuffer <= MAX_TRACK_BUFFER, `0 to ${MAX_TRACK_BUFFER}`);
  checkFrameRate(options.frameRate);
  for (const name of ['maxDetections', 'maxTracks'] as const) {
    check(name, options[name], Number.isInteger(options[name]) && options[name] >= 1, 'a whole number of at least 1');
  }
  return options;
}
