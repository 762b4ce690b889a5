/** A curve on the ground, measured along its length. */

export interface Pose {
  x: number;
  y: number;
  /** Counter-clockwise from the x axis. */
  headingRad: number;
}

type Ground = readonly [number, number];

/** Distance between the points that arcs are made of. */
const ARC_STEP_M = 0.5;

/** A polyline with its arc length. Metres. Beyond its ends it goes on straight. */
export class Path {
  readonly lengthM: number;
  readonly #points: readonly Ground[];
  readonly #distances: Float64Array;

  /** Points that lie on one another are dropped. */
  constructor(points: readonly Ground[]) {
    this.#points = points.filter(
      (p, i) => i === 0 || Math.hypot(p[0] - points[i - 1]![0], p[1] - points[i - 1]![1]) > 1e-6,
    );
    this.#distances = new Float64Array(this.#points.length);
    for (let i = 1; i < this.#points.length; i++) {
      const [a, b] = [this.#points[i - 1]!, this.#points[i]!];
      this.#distances[i] = this.#distances[i - 1]! + Math.hypot(b[0] - a[0], b[1] - a[1]);
    }
    this.lengthM = this.#distances[this.#points.length - 1]!;
  }

  /** A polyline whose corners are rounded with arcs of `radiusM` (less where the legs are too short for it). */
  static rounded(corners: readonly Ground[], radiusM: number): Path {
    const points: Ground[] = [corners[0]!];
    for (let i = 1; i < corners.length - 1; i++)
      points.push(...fillet(corners[i - 1]!, corners[i]!, corners[i + 1]!, radiusM));
    points.push(corners.at(-1)!);
    return new Path(points);
  }

  /** A curve near its control points, by cutting corners (G. Chaikin, 1974); it begins and ends at the first and last. */
  static smooth(controls: readonly Ground[]): Path {
    let points = [...controls];
    for (let round = 0; round < 4; round++) {
      const cut: Ground[] = [points[0]!];
      for (let i = 0; i + 1 < points.length; i++) {
        const [a, b] = [points[i]!, points[i + 1]!];
        cut.push(
          [0.75 * a[0] + 0.25 * b[0], 0.75 * a[1] + 0.25 * b[1]],
          [0.25 * a[0] + 0.75 * b[0], 0.25 * a[1] + 0.75 * b[1]],
        );
      }
      cut.push(points.at(-1)!);
      points = cut;
    }
    return new Path(points);
  }

  /** An arc about `centre`, counter-clockwise if `toRad` is the larger. */
  static arcPoints(centre: Ground, radiusM: number, fromRad: number, toRad: number): Ground[] {
    const steps = Math.max(2, Math.ceil((Math.abs(toRad - fromRad) * radiusM) / ARC_STEP_M));
    return Array.from({ length: steps + 1 }, (_, k) => {
      const angle = fromRad + ((toRad - fromRad) * k) / steps;
      return [centre[0] + radiusM * Math.cos(angle), centre[1] + radiusM * Math.sin(angle)] as const;
    });
  }

  get points(): readonly Ground[] {
    return this.#points;
  }

  at(distanceM: number): Pose {
    const distances = this.#distances;
    let low = 0;
    let high = distances.length - 2;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (distances[middle]! <= distanceM) low = middle;
      else high = middle - 1;
    }
    const [a, b] = [this.#points[low]!, this.#points[low + 1]!];
    const length = distances[low + 1]! - distances[low]!;
    const part = (distanceM - distances[low]!) / length;
    return {
      x: a[0] + (b[0] - a[0]) * part,
      y: a[1] + (b[1] - a[1]) * part,
      headingRad: Math.atan2(b[1] - a[1], b[0] - a[0]),
    };
  }

  /** Parallel to this one, `leftM` to its left (negative: right). */
  offset(leftM: number): Path {
    const points = this.#points;
    return new Path(
      points.map((p, i) => {
        const before = points[Math.max(0, i - 1)]!;
        const after = points[Math.min(points.length - 1, i + 1)]!;
        const dx = after[0] - before[0];
        const dy = after[1] - before[1];
        const length = Math.hypot(dx, dy);
        return [p[0] - (leftM * dy) / length, p[1] + (leftM * dx) / length] as const;
      }),
    );
  }

  reversed(): Path {
    return new Path([...this.#points].reverse());
  }
}

function fillet(a: Ground, corner: Ground, b: Ground, radiusM: number): Ground[] {
  const toA: Ground = [a[0] - corner[0], a[1] - corner[1]];
  const toB: Ground = [b[0] - corner[0], b[1] - corner[1]];
  const lengthA = Math.hypot(...toA);
  const lengthB = Math.hypot(...toB);
  const cosine = (toA[0] * toB[0] + toA[1] * toB[1]) / (lengthA * lengthB);
  const half = Math.acos(Math.min(1, Math.max(-1, cosine))) / 2;
  if (half > Math.PI / 2 - 1e-4) return [corner];
  const reach = Math.min(radiusM / Math.tan(half), lengthA / 2.001, lengthB / 2.001);
  const radius = reach * Math.tan(half);
  const start: Ground = [corner[0] + (toA[0] / lengthA) * reach, corner[1] + (toA[1] / lengthA) * reach];
  const bisector: Ground = [toA[0] / lengthA + toB[0] / lengthB, toA[1] / lengthA + toB[1] / lengthB];
  const scale = radius / Math.sin(half) / Math.hypot(...bisector);
  const centre: Ground = [corner[0] + bisector[0] * scale, corner[1] + bisector[1] * scale];
  const from = Math.atan2(start[1] - centre[1], start[0] - centre[0]);
  const turn = Math.PI - 2 * half;
  const left = toA[0] * toB[1] - toA[1] * toB[0] < 0;
  return Path.arcPoints(centre, radius, from, from + (left ? turn : -turn));
}
