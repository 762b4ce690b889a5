/** A sharp turn's mitre is at most so many times as long as the ribbon is half wide. */
const MITRE_LIMIT = 2;

/**
 * For each point of a polyline, the way from it to the ribbon's left edge (the right one is opposite): perpendicular at the
 * ends, a mitre between, so that neighbouring pieces share an edge. `points`: x and y of at least two points, no two
 * neighbours equal; `halfWidth` in the same unit. Pure.
 */
export function ribbonOffsets(points: readonly number[], halfWidth: number): [x: number, y: number][] {
  const count = points.length / 2;
  return Array.from({ length: count }, (_, i) => {
    const before = i > 0 ? direction(points, i - 1) : direction(points, i);
    const after = i < count - 1 ? direction(points, i) : before;
    let x = -(before[1] + after[1]);
    let y = before[0] + after[0];
    const length = Math.hypot(x, y);
    // A turn right back has no mitre: the edge stays perpendicular to where it came from.
    if (length < 1e-3) return [-before[1] * halfWidth, before[0] * halfWidth];
    x /= length;
    y /= length;
    // Half the sum of two unit vectors is as long as the cosine of half the angle between them.
    const factor = Math.min(MITRE_LIMIT, 2 / length) * halfWidth;
    return [x * factor, y * factor];
  });
}

function direction(points: readonly number[], i: number): [x: number, y: number] {
  const x = points[2 * i + 2]! - points[2 * i]!;
  const y = points[2 * i + 3]! - points[2 * i + 1]!;
  const length = Math.hypot(x, y);
  return length > 0 ? [x / length, y / length] : [1, 0];
}
