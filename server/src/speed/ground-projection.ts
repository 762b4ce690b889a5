import { LanecastError } from '../core/errors.js';
import type { Matrix2 } from '../core/matrix2.js';

/** Where a point of the picture lies on the road. */
export interface GroundProjection {
  /**
   * Source pixels to metres on the ground plane. Origin and axes are the projection's own; distances are what counts.
   * Not finite where the point is not on the ground (above the horizon).
   */
  project(xPx: number, yPx: number): readonly [xM: number, yM: number];
  /**
   * Metres that a step of one pixel is at a point: `[dX/dx, dX/dy, dY/dx, dY/dy]`. An error of the box grows by it; in
   * perspective the more, the farther away. Not finite where `project` is not.
   */
  jacobian(xPx: number, yPx: number): Matrix2;
}

/** Root mean square metres of a step of one pixel, over all directions. */
export function metresPerPixelAt(projection: GroundProjection, xPx: number, yPx: number): number {
  return Math.hypot(...projection.jacobian(xPx, yPx)) / Math.SQRT2;
}

/** The original's default: a 3.75 m lane that is 75 pixels wide. */
export const DEFAULT_SCALE_M_PER_PX = 0.05;

/** The simplest calibration: one scale for the whole picture (`SCALE_M_PER_PX`), right only across one distance. */
export class ScaleProjection implements GroundProjection {
  readonly scaleMPerPx: number;

  /** Throws a LanecastError `speed-scale` unless the scale is a positive number. */
  constructor(scaleMPerPx: number = DEFAULT_SCALE_M_PER_PX) {
    if (!(scaleMPerPx > 0 && scaleMPerPx < Infinity)) {
      throw new LanecastError(
        'speed-scale',
        `scaleMPerPx is ${scaleMPerPx}; it must be metres per pixel, above 0 (lane width 3.75 m / its pixels)`,
      );
    }
    this.scaleMPerPx = scaleMPerPx;
  }

  project(xPx: number, yPx: number): readonly [xM: number, yM: number] {
    return [xPx * this.scaleMPerPx, yPx * this.scaleMPerPx];
  }

  jacobian(): Matrix2 {
    return [this.scaleMPerPx, 0, 0, this.scaleMPerPx];
  }
}
