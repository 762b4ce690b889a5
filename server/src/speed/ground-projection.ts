import { LanecastError } from '../core/errors.js';

/** Where a point of the picture lies on the road. */
export interface GroundProjection {
  /**
   * Source pixels to metres on the ground plane. Origin and axes are the projection's own; distances are what counts.
   * Not finite where the point is not on the ground (above the horizon).
   */
  project(xPx: number, yPx: number): readonly [xM: number, yM: number];
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
}

/** The point of a box that touches the road: the middle of its lower edge, in the box's own pixels. */
export function groundContact(box: {
  readonly x1: number;
  readonly x2: number;
  readonly y2: number;
}): [number, number] {
  return [(box.x1 + box.x2) / 2, box.y2];
}
