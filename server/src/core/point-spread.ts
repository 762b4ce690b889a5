export type Point = readonly [x: number, y: number];

/**
 * How far four points are from having three on one line: the smallest height of the triangles that three of them make,
 * as a part of the extent. A calibration from flatter ones would be noise.
 */
const MIN_FLATNESS = 1e-3;

/**
 * Why a homography cannot be found from these points (four or more), or null if it can: it takes four of which no three
 * lie on one line. Points are counted from 1, as people do.
 */
export function faultOfSpread(points: readonly Point[]): string | null {
  const extent = extentOf(points);
  if (!(extent > 0)) return 'all points are in one place';
  for (let i = 0; i < points.length; i++) {
    for (let j = i + 1; j < points.length; j++) {
      if (distance(points[i]!, points[j]!) < MIN_FLATNESS * extent)
        return `points ${i + 1} and ${j + 1} are in one place`;
    }
  }
  if (hasSpreadFour(points, MIN_FLATNESS * extent)) return null;
  if (points.length > 4) return 'all points but one lie on one line';
  const flat = TRIPLES.find((triple) => heightOf(triple.map((i) => points[i]!)) <= MIN_FLATNESS * extent)!;
  const [a, b, c] = flat.map((i) => i + 1);
  return `points ${a}, ${b} and ${c} lie on one line`;
}

/** Of four points. */
const TRIPLES = [
  [0, 1, 2],
  [0, 1, 3],
  [0, 2, 3],
  [1, 2, 3],
] as const;

function hasSpreadFour(points: readonly Point[], minHeight: number): boolean {
  const count = points.length;
  const isFlat = (i: number, j: number, k: number): boolean =>
    heightOf([points[i]!, points[j]!, points[k]!]) <= minHeight;
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      for (let k = j + 1; k < count; k++) {
        if (isFlat(i, j, k)) continue;
        for (let l = k + 1; l < count; l++) {
          if (!isFlat(i, j, l) && !isFlat(i, k, l) && !isFlat(j, k, l)) return true;
        }
      }
    }
  }
  return false;
}

/** The smallest height of a triangle. */
function heightOf(triangle: readonly Point[]): number {
  const [a, b, c] = triangle as [Point, Point, Point];
  const doubleArea = Math.abs((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
  return doubleArea / Math.max(distance(a, b), distance(b, c), distance(c, a));
}

/** The diagonal of the points' bounding box. */
function extentOf(points: readonly Point[]): number {
  const side = (axis: 0 | 1): number => {
    const values = points.map((point) => point[axis]);
    return Math.max(...values) - Math.min(...values);
  };
  return Math.hypot(side(0), side(1));
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}
