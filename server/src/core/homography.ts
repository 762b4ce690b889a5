import { LanecastError } from './errors.js';
import { solveLeastSquares } from './least-squares.js';
import type { Matrix2 } from './matrix2.js';
import { faultOfSpread, type Point } from './point-spread.js';

/** A point of the picture and where it lies on the ground. */
export interface PointPair {
  /** Pixels. */
  readonly image: Point;
  /** Metres, in any right-angled coordinates on the road. */
  readonly ground: Point;
}

export const MIN_POINT_PAIRS = 4;
export const MAX_POINT_PAIRS = 32;

/** What lies closer to the horizon than this (the nearest calibrated point being about 1) is no longer ground. */
const MIN_DENOMINATOR = 1e-9;

/**
 * The map from the picture to the ground plane that a pinhole camera makes, found from four or more point pairs:
 * exactly from four, by least squares of the algebraic error from more. Coordinates are normalised first (Hartley and
 * Zisserman, "Multiple View Geometry", algorithm 4.2).
 *
 * The denominator is 1 at the centre of the image points and is above 0 on the whole side of the horizon where they
 * lie; that the centre cannot be on the horizon is what lets the last element of the matrix be fixed.
 */
export class Homography {
  /** Root mean square distance between the points on the ground and where they are mapped to; 0 for four. */
  readonly residualM: number;
  readonly #image: Normalisation;
  readonly #ground: Normalisation;
  /** The matrix between normalised coordinates, row-major, without its last element, which is 1. */
  readonly #h: Float64Array;

  /**
   * Throws a LanecastError `calibration-degenerate` if the points do not determine a map: too few or too many, not
   * finite, two in one place, three of four on one line, or swapped so that the horizon would run between them.
   */
  constructor(pairs: readonly PointPair[]) {
    requireUsable(pairs);
    this.#image = new Normalisation(pairs.map(({ image }) => image));
    this.#ground = new Normalisation(pairs.map(({ ground }) => ground));
    const h = solve(pairs, this.#image, this.#ground);
    // Spread points leave one way to be unsolvable: their very centre is on the horizon.
    if (!h) throw swapped('the points');
    this.#h = h;
    const errors = pairs.map(({ image: [x, y], ground: [groundX, groundY] }, i) => {
      const [mappedX, mappedY] = this.map(x, y);
      // NaN: on the far side of the horizon.
      if (!Number.isFinite(mappedX + mappedY)) {
        throw swapped(`point ${i + 1} and the others`);
      }
      return (mappedX - groundX) ** 2 + (mappedY - groundY) ** 2;
    });
    this.residualM = Math.sqrt(errors.reduce((sum, error) => sum + error, 0) / pairs.length);
  }

  /** Pixels to metres. NaN on and beyond the horizon. */
  map(xPx: number, yPx: number): [xM: number, yM: number] {
    const h = this.#h;
    const [u, v] = this.#image.apply(xPx, yPx);
    const w = h[6]! * u + h[7]! * v + 1;
    if (!(w > MIN_DENOMINATOR)) return [NaN, NaN];
    return this.#ground.undo((h[0]! * u + h[1]! * v + h[2]!) / w, (h[3]! * u + h[4]! * v + h[5]!) / w);
  }

  /** Metres on the ground per pixel at a point: `[dX/dx, dX/dy, dY/dx, dY/dy]`. NaN on and beyond the horizon. */
  jacobian(xPx: number, yPx: number): Matrix2 {
    const h = this.#h;
    const [u, v] = this.#image.apply(xPx, yPx);
    const w = h[6]! * u + h[7]! * v + 1;
    if (!(w > MIN_DENOMINATOR)) return [NaN, NaN, NaN, NaN];
    const x = (h[0]! * u + h[1]! * v + h[2]!) / w;
    const y = (h[3]! * u + h[4]! * v + h[5]!) / w;
    const scale = this.#image.factor / this.#ground.factor / w;
    return [
      scale * (h[0]! - x * h[6]!),
      scale * (h[1]! - x * h[7]!),
      scale * (h[3]! - y * h[6]!),
      scale * (h[4]! - y * h[7]!),
    ];
  }
}

function requireUsable(pairs: readonly PointPair[]): void {
  if (pairs.length < MIN_POINT_PAIRS || pairs.length > MAX_POINT_PAIRS) {
    throw degenerate(`there are ${pairs.length} points; it takes ${MIN_POINT_PAIRS} to ${MAX_POINT_PAIRS}`);
  }
  pairs.forEach(({ image, ground }, i) => {
    if (![...image, ...ground].every(Number.isFinite))
      throw degenerate(`point ${i + 1} has a coordinate that is no number`);
  });
  const inPicture = faultOfSpread(pairs.map(({ image }) => image));
  if (inPicture) throw degenerate(`in the picture ${inPicture}`);
  const onGround = faultOfSpread(pairs.map(({ ground }) => ground));
  if (onGround) throw degenerate(`on the ground ${onGround}`);
}

function degenerate(fault: string): LanecastError {
  return new LanecastError(
    'calibration-degenerate',
    `these points calibrate nothing: ${fault}; take the four corners of a large rectangle on the road`,
  );
}

function swapped(who: string): LanecastError {
  return degenerate(`the horizon would run between ${who}: are two of them swapped, or is one mistyped?`);
}

/** The eight unknowns of the normalised matrix, two equations a pair. */
function solve(pairs: readonly PointPair[], image: Normalisation, ground: Normalisation): Float64Array | null {
  const matrix = new Float64Array(16 * pairs.length);
  const right = new Float64Array(2 * pairs.length);
  pairs.forEach((pair, i) => {
    const [u, v] = image.apply(...pair.image);
    const [x, y] = ground.apply(...pair.ground);
    matrix.set([u, v, 1, 0, 0, 0, -u * x, -v * x], 16 * i);
    matrix.set([0, 0, 0, u, v, 1, -u * y, -v * y], 16 * i + 8);
    right[2 * i] = x;
    right[2 * i + 1] = y;
  });
  return solveLeastSquares(matrix, right, 8);
}

/** Shifts points so that their centre is the origin, and scales them to a mean distance of sqrt(2) from it. */
class Normalisation {
  readonly factor: number;
  readonly #x: number;
  readonly #y: number;

  constructor(points: readonly Point[]) {
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    this.#x = mean(points.map(([x]) => x));
    this.#y = mean(points.map(([, y]) => y));
    this.factor = Math.SQRT2 / mean(points.map(([x, y]) => Math.hypot(x - this.#x, y - this.#y)));
  }

  apply(x: number, y: number): [number, number] {
    return [(x - this.#x) * this.factor, (y - this.#y) * this.factor];
  }

  undo(u: number, v: number): [number, number] {
    return [u / this.factor + this.#x, v / this.factor + this.#y];
  }
}
