import { describe, expect, it } from 'vitest';
import type { PointPair } from '../core/homography.js';
import { normal, seededRandom } from '../core/random.js';
import { metresPerPixelAt, ScaleProjection } from './ground-projection.js';
import { HomographyProjection } from './homography-projection.js';
import { projectionOf } from './projection-of.js';
import { SpeedEstimator } from './speed-estimator.js';

/** 8 m above the road, horizon at y = 100, in a picture of 960x540. */
const groundOf = (x: number, y: number): [number, number] => [(8 * (x - 480)) / (y - 100), 8000 / (y - 100)];
const pictureOf = (xM: number, zM: number): [number, number] => [480 + (1000 * xM) / zM, 100 + 8000 / zM];
const POINTS = (
  [
    [-4, 20],
    [4, 20],
    [4, 100],
    [-4, 100],
  ] as const
).map(([xM, zM]): PointPair => ({ image: pictureOf(xM, zM), ground: [xM, zM] }));

describe('HomographyProjection', () => {
  it('serves every resolution of a camera, squeezed ones too', () => {
    const size = { image: { width: 960, height: 540 }, source: { width: 1440, height: 1080 } };
    const projection = new HomographyProjection(POINTS, size);
    const [xM, zM] = projection.project((700 * 1440) / 960, 2 * 300);
    const [wantedX, wantedZ] = groundOf(700, 300);
    expect(xM).toBeCloseTo(wantedX, 9);
    expect(zM).toBeCloseTo(wantedZ, 9);
    const [dXdx, , , dZdy] = projection.jacobian((700 * 1440) / 960, 600);
    expect(dXdx).toBeCloseTo((8 / 200) * (960 / 1440), 9);
    expect(dZdy).toBeCloseTo((-8000 / 200 ** 2) * 0.5, 9);
  });

  it('has pixels that grow with the distance, and none beyond the horizon', () => {
    const projection = new HomographyProjection(POINTS);
    const near = metresPerPixelAt(projection, ...pictureOf(0, 20));
    const far = metresPerPixelAt(projection, ...pictureOf(0, 100));
    // Along the line of sight z^2 / 8000, across it z / 1000.
    expect(near).toBeCloseTo(Math.hypot(400 / 8000, 20 / 1000) / Math.SQRT2, 9);
    expect(far).toBeCloseTo(Math.hypot(10_000 / 8000, 100 / 1000) / Math.SQRT2, 9);
    expect(metresPerPixelAt(projection, 480, 50)).toBeNaN();
    expect(metresPerPixelAt(new ScaleProjection(0.05), 1, 2)).toBeCloseTo(0.05, 12);
  });
});

describe('speeds in perspective', () => {
  const drive = (noisePx: number, distanceM: number, speedKmh: number, seed: number) => {
    const random = seededRandom(seed);
    const estimator = new SpeedEstimator(new HomographyProjection(POINTS));
    let last = null;
    for (let ptsUs = 0; ptsUs <= 1_000_000; ptsUs += 40_000) {
      const [x, y] = pictureOf(2, distanceM - (speedKmh / 3.6) * (ptsUs / 1e6));
      last = estimator.update(
        [{ id: 1, xPx: x + noisePx * normal(random), yPx: y + noisePx * normal(random) }],
        ptsUs,
      )[0]!;
    }
    return last;
  };

  it('are those of the road, near and far', () => {
    for (const distanceM of [30, 60, 120, 200]) expect(drive(0, distanceM, 100, 1)!.speedKmh).toBeCloseTo(100, 6);
  });

  it('are less certain far away, in proportion to what a pixel is there', () => {
    const near = drive(0.5, 50, 72, 2)!;
    const far = drive(0.5, 90, 72, 2)!;
    // The middles are at 40 m and 80 m: a pixel is four times as long there.
    expect(far.sigmaKmh / near.sigmaKmh).toBeGreaterThan(3.3);
    expect(far.sigmaKmh / near.sigmaKmh).toBeLessThan(5.5);
  });

  it('have errors of the size that they claim, and no bias', () => {
    let squares = 0;
    let claims = 0;
    let sum = 0;
    const trials = 400;
    for (let seed = 1; seed <= trials; seed++) {
      const { speedKmh, sigmaKmh } = drive(0.7, 80, 90, seed)!;
      squares += (speedKmh - 90) ** 2;
      claims += sigmaKmh ** 2;
      sum += speedKmh - 90;
    }
    expect(Math.sqrt(claims / squares)).toBeGreaterThan(0.85);
    expect(Math.sqrt(claims / squares)).toBeLessThan(1.25);
    expect(Math.abs(sum / trials)).toBeLessThan(0.9); // 1 %
  });

  it('are 0 or unknown for a car that stands far away, and never invented', () => {
    const speeds = Array.from({ length: 200 }, (_, seed) => drive(1, 90, 0, seed + 1));
    expect(speeds.filter((speed) => speed && speed.speedKmh > 0).length).toBeLessThanOrEqual(6);
  });
});

describe('projectionOf', () => {
  const source = { width: 1920, height: 1080 };
  it('takes a scale as source pixels', () => {
    expect(projectionOf({ scaleMPerPx: 0.1 }, source).project(10, 20)).toEqual([1, 2]);
  });

  it('takes points as pixels of imageSize, else of the source', () => {
    const [x, y] = groundOf(500, 300);
    const own = projectionOf({ points: POINTS.map(copy) }, source).project(500, 300);
    const other = projectionOf({ points: POINTS.map(copy), imageSize: [960, 540] }, source).project(1000, 600);
    for (const got of [own, other]) {
      expect(got[0]).toBeCloseTo(x, 9);
      expect(got[1]).toBeCloseTo(y, 9);
    }
  });

  const copy = ({ image, ground }: PointPair): { image: [number, number]; ground: [number, number] } => ({
    image: [...image],
    ground: [...ground],
  });
});
