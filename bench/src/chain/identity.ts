import { assign } from '@lanecast/server/track/assignment';
import { type ComparedFrame, EPSILON, MATCH_IOU } from './compare.js';

/** Totals of the identity metrics; those of several scenes add up. */
export interface IdentityCounts {
  truePositives: number;
  falseNegatives: number;
  falsePositives: number;
}

/**
 * The identity metrics (Ristani et al., "Performance Measures and a Data Set for Multi-Target, Multi-Camera Tracking",
 * 2016): each vehicle is given at most one track for the whole clip, and the other way round, so that as many frames
 * as possible agree; only those count as right.
 */
export function identity(frames: readonly ComparedFrame[], threshold = MATCH_IOU): IdentityCounts {
  const rows = new Map<number, number>();
  const columns = new Map<number, number>();
  const indexOf = (index: Map<number, number>, id: number): number => {
    const known = index.get(id);
    if (known !== undefined) return known;
    index.set(id, index.size);
    return index.size - 1;
  };
  let truth = 0;
  let tracked = 0;
  const overlaps: [row: number, column: number][] = [];
  for (const { truthIds, trackIds, similarity } of frames) {
    truth += truthIds.length;
    tracked += trackIds.length;
    truthIds.forEach((truthId, t) => {
      const row = indexOf(rows, truthId);
      trackIds.forEach((trackId, k) => {
        if (similarity[t * trackIds.length + k]! >= threshold - EPSILON) {
          overlaps.push([row, indexOf(columns, trackId)]);
        }
      });
    });
  }
  const costs = new Float64Array(rows.size * columns.size);
  for (const [row, column] of overlaps) costs[row * columns.size + column]!--;
  const { matches } = assign({ costs, rowCount: rows.size, columnCount: columns.size }, 0);
  const truePositives = matches.reduce((sum, [row, column]) => sum - costs[row * columns.size + column]!, 0);
  return { truePositives, falseNegatives: truth - truePositives, falsePositives: tracked - truePositives };
}

/** The share of boxes, of the truth's and of the tracks', that have the right identity; null if there are none. */
export function idf1Of({ truePositives, falseNegatives, falsePositives }: IdentityCounts): number | null {
  const boxes = 2 * truePositives + falseNegatives + falsePositives;
  return boxes > 0 ? (2 * truePositives) / boxes : null;
}
