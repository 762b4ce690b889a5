import * as v from 'valibot';
import { messageOf } from '../core/errors.js';
import { Homography, MAX_POINT_PAIRS, MIN_POINT_PAIRS } from '../core/homography.js';
import type { CalibrationKind } from '../core/types.js';

const MAX_PX = 100_000;
const MAX_GROUND_M = 100_000;

const coordinate = (limit: number) => v.pipe(v.number(), v.minValue(-limit), v.maxValue(limit));
const pictureSide = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_PX));

/** One number for the whole picture. */
export const ScaleCalibration = v.strictObject({
  /** Metres per source pixel: lane width (3.75 m) / its width in pixels. */
  scaleMPerPx: v.pipe(v.number(), v.gtValue(0), v.maxValue(1000)),
});

/** Points whose place on the ground is known. */
export const HomographyCalibration = v.pipe(
  v.strictObject({
    points: v.pipe(
      v.array(
        v.strictObject({
          /** `[x, y]` in pixels of a picture of `imageSize`. */
          image: v.strictTuple([coordinate(MAX_PX), coordinate(MAX_PX)]),
          /** `[x, y]` in metres on the road; origin and axes as you like. */
          ground: v.strictTuple([coordinate(MAX_GROUND_M), coordinate(MAX_GROUND_M)]),
        }),
      ),
      v.minLength(MIN_POINT_PAIRS, `must have at least ${MIN_POINT_PAIRS} points`),
      v.maxLength(MAX_POINT_PAIRS, `must have at most ${MAX_POINT_PAIRS} points`),
    ),
    /** `[width, height]` of the picture that the points were taken in; absent: the stream's own. */
    imageSize: v.exactOptional(v.strictTuple([pictureSide, pictureSide])),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    try {
      new Homography(dataset.value.points);
    } catch (error) {
      addIssue({ message: messageOf(error), expected: DEGENERATE });
    }
  }),
);

/** What an issue says it expected when points are well-formed but determine no ground plane. */
const DEGENERATE = 'four points of which no three lie on one line';

/** A stream's calibration: `{ scaleMPerPx }`, or `{ points, imageSize? }`. What passes can be projected with. */
export const Calibration = v.lazy((input) =>
  typeof input === 'object' && input !== null && 'points' in input ? HomographyCalibration : ScaleCalibration,
);
export type Calibration = v.InferOutput<typeof Calibration>;

/** True for the issue of points that are well-formed but calibrate nothing. */
export function isDegenerate(issue: v.BaseIssue<unknown>): boolean {
  return issue.kind === 'validation' && issue.expected === DEGENERATE;
}

export function kindOfCalibration(calibration: Calibration): CalibrationKind {
  return 'points' in calibration ? 'homography' : 'scale';
}
