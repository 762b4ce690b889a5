import { ROW_FIELDS } from '../detector/rows.js';

export interface Agreement {
  /** Candidates that were held against each other. */
  compared: number;
  /** Largest difference of a centre coordinate or side, source pixels. */
  boxPx: number;
  score: number;
  /** Candidates without a counterpart in the other list. */
  unmatched: number;
}

/** Farther apart than this in any coordinate two candidates are not the same one. */
const MAX_DISTANCE_PX = 8;

/**
 * Holds two backends' rows of one frame against each other: each candidate of one list that has at least `fromScore`
 * with the nearest of the other. Both lists must go some way below `fromScore`: a score may lie on either side of it.
 */
export function agreementOf(
  a: Float32Array,
  b: Float32Array,
  size: { width: number; height: number },
  fromScore: number,
): Agreement {
  const total: Agreement = { compared: 0, boxPx: 0, score: 0, unmatched: 0 };
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const)
    for (let at = 0; at < one.length; at += ROW_FIELDS) {
      if (one[at + 4]! < fromScore) continue;
      const nearest = nearestOf(one, at, other, size);
      if (nearest.boxPx > MAX_DISTANCE_PX) {
        total.unmatched++;
        continue;
      }
      total.compared++;
      total.boxPx = Math.max(total.boxPx, nearest.boxPx);
      total.score = Math.max(total.score, nearest.score);
    }
  return total;
}

/** Agreement over several frames. */
export function worst(all: readonly Agreement[]): Agreement {
  return all.reduce(
    (sum, one) => ({
      compared: sum.compared + one.compared,
      boxPx: Math.max(sum.boxPx, one.boxPx),
      score: Math.max(sum.score, one.score),
      unmatched: sum.unmatched + one.unmatched,
    }),
    { compared: 0, boxPx: 0, score: 0, unmatched: 0 },
  );
}

/** Neighbouring cells of the network may give nearly the same box: distance counts scores, too, a tenth for a pixel. */
function nearestOf(
  one: Float32Array,
  at: number,
  other: Float32Array,
  { width, height }: { width: number; height: number },
): { boxPx: number; score: number } {
  let best = { boxPx: Infinity, score: 1 };
  let bestDistance = Infinity;
  for (let to = 0; to < other.length; to += ROW_FIELDS) {
    let boxPx = 0;
    for (let field = 0; field < 4; field++) {
      const scale = field % 2 === 0 ? width : height;
      boxPx = Math.max(boxPx, Math.abs(one[at + field]! - other[to + field]!) * scale);
    }
    const score = Math.abs(one[at + 4]! - other[to + 4]!);
    const distance = boxPx + 10 * score + (one[at + 5] === other[to + 5] ? 0 : 1);
    if (distance < bestDistance) {
      bestDistance = distance;
      best = { boxPx, score };
    }
  }
  return best;
}
