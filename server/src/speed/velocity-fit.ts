import { apply2, inverse2, type Matrix2 } from '../core/matrix2.js';
import { type BlockSystem, solveBlocks } from './block-solver.js';

/** A position on the ground at a time. */
export interface GroundSample {
  readonly ptsUs: number;
  readonly xM: number;
  readonly yM: number;
  /** Turns an error on the ground into the pixels it was in the picture: the inverse of the projection's Jacobian. */
  readonly pxPerM: Matrix2;
}

/** Velocity on the ground at the time of the last sample. */
export interface VelocityFit {
  vxMps: number;
  vyMps: number;
  /** One standard deviation of the speed: of the velocity along its own direction. */
  sigmaMps: number;
  /** One standard deviation of the velocity in the direction where it is known least. */
  widestSigmaMps: number;
  /** How many standard deviations the velocity is away from rest (Mahalanobis distance). */
  sigmasFromRest: number;
  /** Degrees of freedom behind it: two coordinates a sample, less two per axis for the line. */
  freedom: number;
}

type Vector = readonly [x: number, y: number];

/** Residuals that follow one another closely count for less; beyond this their number says nothing any more. */
const MAX_CORRELATION = 0.9;

/** Fewer samples than this say nothing about an acceleration. */
const MIN_SAMPLES_TO_BEND = 6;

/**
 * An acceleration counts from this square of its distance from 0, in sigmas, onwards: noise alone reaches it in less
 * than one case of a hundred.
 */
const BEND_THRESHOLD = 10;

/** What vehicles accelerate and brake by, one standard deviation: a fit that is less certain than that is not believed. */
const USUAL_ACCELERATION_MPS2 = 1;

/**
 * Least squares of position over time, over at least three samples at different times; null for fewer. The boxes'
 * errors are taken to be alike in the picture, all over it and in both directions: on the ground they are then longer
 * far away and along the line of sight, and each sample weighs by what a pixel is there (generalised least squares;
 * with one scale for the whole picture the ordinary one).
 *
 * The fit is a straight line, bent as far as the samples insist on it. The slope of a line is the velocity in the
 * middle of the samples: of a car that brakes, half a window late. The slope at the end of a parabola is not late, but
 * four times as uncertain. So the acceleration of the parabola is shrunk by how far it stands out of its own noise
 * (the positive-part rule of James and Stein, "Estimation with Quadratic Loss", 1961) and by how well it is known beside
 * what vehicles do: to nothing for steady driving and far away, hardly at all for braking near by, without a jump.
 *
 * Errors of a detector's boxes resemble each other from frame to frame, which makes the textbook sigma too small; it is
 * widened by `sqrt((1 + r) / (1 - r))` with `r` the residuals' lag-1 autocorrelation (Bayley and Hammersley, "The
 * 'effective' number of independent observations in an autocorrelated time series", 1946).
 */
export function fitVelocity(samples: readonly GroundSample[]): VelocityFit | null {
  const count = samples.length;
  if (count < 3) return null;
  const points = relativeTo(samples, meanOf(samples));
  const sums = accumulate(points);
  if (!(sums.timeSpread > 0)) return null;
  const bend = count < MIN_SAMPLES_TO_BEND ? null : fitBend(points, sums);
  const [ax, ay] = bend ? bend.acceleration : [0, 0];

  const line = solveBlocks(withoutBend(sums, [ax, ay]));
  const unit = line && inverse2(line.information);
  if (!unit) return null;
  const [position, velocity] = line.unknowns as unknown as [Vector, Vector];
  const freedom = 2 * (count - 2);
  const variance = errorVariance(points, [position, velocity, [ax, ay]], freedom, 0);
  const endS = points.at(-1)!.t;
  const covariance = unit.map(
    (value, i) => variance * value + endS ** 2 * (bend?.covariance[i] ?? 0),
  ) as unknown as Matrix2;
  return describe([velocity[0] + ax * endS, velocity[1] + ay * endS], covariance, freedom);
}

/**
 * How many standard deviations from rest the errors alone, of an object at rest, feign with `probability`:
 * `sigmasFromRest^2 / 2` of noise has an F distribution with 2 and `freedom` degrees of freedom, whose quantile has a
 * closed form. With many samples about 3 for 1 %, with the fewest nearly 5.
 */
export function noiseSigmas(freedom: number, probability: number): number {
  return Math.sqrt(freedom * (probability ** (-2 / freedom) - 1));
}

function describe([vx, vy]: Vector, covariance: Matrix2, freedom: number): VelocityFit {
  const [cxx, cxy, , cyy] = covariance;
  const widest = (cxx + cyy) / 2 + Math.hypot((cxx - cyy) / 2, cxy);
  const squaredSpeed = vx * vx + vy * vy;
  const along = squaredSpeed > 0 ? (cxx * vx * vx + 2 * cxy * vx * vy + cyy * vy * vy) / squaredSpeed : widest;
  return {
    vxMps: vx,
    vyMps: vy,
    sigmaMps: Math.sqrt(along),
    widestSigmaMps: Math.sqrt(widest),
    sigmasFromRest: Math.sqrt(squaredDistance([vx, vy], covariance)),
    freedom,
  };
}

/** The square of a vector's Mahalanobis distance from 0; infinite if there is no uncertainty. */
function squaredDistance(vector: Vector, covariance: Matrix2): number {
  if (vector[0] === 0 && vector[1] === 0) return 0;
  const information = inverse2(covariance);
  if (!information) return Infinity;
  const [x, y] = apply2(information, ...vector);
  return Math.max(0, vector[0] * x + vector[1] * y);
}

/** A sample relative to the middle of them all, where numbers keep their precision; with its weight. */
interface Point {
  t: number;
  x: number;
  y: number;
  pxPerM: Matrix2;
  /** `pxPerM^T pxPerM` */
  weight: Matrix2;
}

function meanOf(samples: readonly GroundSample[]): { us: number; x: number; y: number } {
  const { ptsUs: firstUs } = samples[0]!;
  const mean = { us: firstUs, x: 0, y: 0 };
  for (const { ptsUs, xM, yM } of samples) {
    mean.us += (ptsUs - firstUs) / samples.length;
    mean.x += xM / samples.length;
    mean.y += yM / samples.length;
  }
  return mean;
}

function relativeTo(samples: readonly GroundSample[], origin: { us: number; x: number; y: number }): Point[] {
  return samples.map(({ ptsUs, xM, yM, pxPerM }) => {
    const [a, b, c, d] = pxPerM;
    const mixed = a * b + c * d;
    return {
      t: (ptsUs - origin.us) / 1e6,
      x: xM - origin.x,
      y: yM - origin.y,
      pxPerM,
      weight: [a * a + c * c, mixed, mixed, b * b + d * d],
    };
  });
}

/** Sums over the samples: weights times powers of time (0 to 4), weighted positions times powers of time (0 to 2). */
interface Sums {
  weights: Matrix2[];
  positions: Vector[];
  timeSpread: number;
}

function accumulate(points: readonly Point[]): Sums {
  const weights = Array.from({ length: 5 }, (): [number, number, number, number] => [0, 0, 0, 0]);
  const positions = Array.from({ length: 3 }, (): [number, number] => [0, 0]);
  let timeSpread = 0;
  for (const { t, x, y, weight } of points) {
    const [wx, wy] = apply2(weight, x, y);
    let power = 1;
    for (const [k, sum] of weights.entries()) {
      for (let i = 0; i < 4; i++) sum[i]! += weight[i]! * power;
      const position = positions[k];
      if (position) {
        position[0] += wx * power;
        position[1] += wy * power;
      }
      power *= t;
    }
    timeSpread += t * t;
  }
  return { weights, positions, timeSpread };
}

/** The acceleration that the samples insist on, and its covariance; null if they say nothing about it. */
function fitBend(
  points: readonly Point[],
  { weights, positions }: Sums,
): { acceleration: Vector; covariance: Matrix2 } | null {
  // In half the acceleration: x = p + v t + h t^2.
  const matrix = [0, 1, 2].map((row) => [0, 1, 2].map((column) => weights[row + column]!));
  const solution = solveBlocks({ matrix, right: positions });
  const unit = solution && inverse2(solution.information);
  if (!unit) return null;
  const [position, velocity, half] = solution.unknowns as unknown as [Vector, Vector, Vector];
  const full: Vector = [2 * half[0], 2 * half[1]];
  const variance = errorVariance(points, [position, velocity, full], 2 * (points.length - 3), 3 / points.length);
  const covariance = unit.map((value) => 4 * variance * value) as unknown as Matrix2;
  const share = shareOfBend(full, covariance);
  if (!(share > 0)) return null;
  return {
    acceleration: [share * full[0], share * full[1]],
    covariance: covariance.map((value) => share ** 2 * value) as unknown as Matrix2,
  };
}

/** How much of an acceleration is believed, 0..1. */
function shareOfBend(acceleration: Vector, covariance: Matrix2): number {
  const squared = squaredDistance(acceleration, covariance);
  const ownVariance = (acceleration[0] ** 2 + acceleration[1] ** 2) / squared;
  const usual = USUAL_ACCELERATION_MPS2 ** 2;
  return Math.max(0, 1 - BEND_THRESHOLD / squared) * (usual / (usual + ownVariance));
}

/** Normal equations of position and velocity, once a known acceleration is taken out of the positions. */
function withoutBend({ weights, positions }: Sums, acceleration: Vector): BlockSystem {
  const right = [0, 1].map((power): Vector => {
    const [x, y] = apply2(weights[power + 2]!, acceleration[0] / 2, acceleration[1] / 2);
    return [positions[power]![0] - x, positions[power]![1] - y];
  });
  return { matrix: [0, 1].map((row) => [0, 1].map((column) => weights[row + column]!)), right };
}

/**
 * Variance of an error in the picture, from the residuals, widened for those that resemble the one before. A parabola
 * through few samples takes most of what they have in common along: `hidden` is the correlation to be added for it.
 */
function errorVariance(
  points: readonly Point[],
  motion: readonly [Vector, Vector, Vector],
  freedom: number,
  hidden: number,
): number {
  const [p, v, a] = motion;
  let squares = 0;
  let neighbours = 0;
  let last: Vector = [0, 0];
  for (const { t, x, y, pxPerM } of points) {
    const half = (t * t) / 2;
    const residual = apply2(pxPerM, x - p[0] - v[0] * t - a[0] * half, y - p[1] - v[1] * t - a[1] * half);
    squares += residual[0] ** 2 + residual[1] ** 2;
    neighbours += residual[0] * last[0] + residual[1] * last[1];
    last = residual;
  }
  const correlation = squares > 0 ? Math.min(Math.max(neighbours / squares + hidden, 0), MAX_CORRELATION) : 0;
  return (squares / freedom) * ((1 + correlation) / (1 - correlation));
}
