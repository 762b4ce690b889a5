import type { Calibration } from '../config/calibration.js';
import { type GroundProjection, ScaleProjection } from './ground-projection.js';
import { HomographyProjection, type PictureSize } from './homography-projection.js';

/**
 * The projection that a calibration means for pictures of this size.
 * @throws LanecastError `speed-scale`, `calibration-degenerate`; not for calibrations that the schema has checked.
 */
export function projectionOf(calibration: Calibration, source: PictureSize): GroundProjection {
  if ('scaleMPerPx' in calibration) return new ScaleProjection(calibration.scaleMPerPx);
  const { points, imageSize } = calibration;
  if (!imageSize) return new HomographyProjection(points);
  const [width, height] = imageSize;
  return new HomographyProjection(points, { image: { width, height }, source });
}
