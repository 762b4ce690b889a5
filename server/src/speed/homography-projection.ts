import { Homography, type PointPair } from '../core/homography.js';
import type { Matrix2 } from '../core/matrix2.js';
import type { GroundProjection } from './ground-projection.js';

/** A picture's size in pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/**
 * The calibration of a camera that looks along a road: a homography from points whose place on the ground is known.
 * Source pixels are scaled to the picture that the points were taken in, so that one calibration serves all of a
 * camera's resolutions (squeezed ones too).
 */
export class HomographyProjection implements GroundProjection {
  readonly homography: Homography;
  readonly #scaleX: number;
  readonly #scaleY: number;

  /** Without sizes the points are in source pixels. Throws a LanecastError `calibration-degenerate`. */
  constructor(points: readonly PointPair[], size?: { image: PictureSize; source: PictureSize }) {
    this.homography = new Homography(points);
    this.#scaleX = size ? size.image.width / size.source.width : 1;
    this.#scaleY = size ? size.image.height / size.source.height : 1;
  }

  project(xPx: number, yPx: number): [xM: number, yM: number] {
    return this.homography.map(xPx * this.#scaleX, yPx * this.#scaleY);
  }

  jacobian(xPx: number, yPx: number): Matrix2 {
    const [a, b, c, d] = this.homography.jacobian(xPx * this.#scaleX, yPx * this.#scaleY);
    return [a * this.#scaleX, b * this.#scaleY, c * this.#scaleX, d * this.#scaleY];
  }
}
