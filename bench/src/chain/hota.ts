import { assign } from '@lanecast/server/track/assignment';
import { type ComparedFrame, EPSILON } from './compare.js';

/** The thresholds of localisation, 0.05 to 0.95. */
export const ALPHAS: readonly number[] = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

/** Totals at each of `ALPHAS`; those of several scenes add up. */
export interface HotaCounts {
  truePositives: number[];
  falseNegatives: number[];
  falsePositives: number[];
  /** Sum of the association scores A(c) of the true positives. */
  associationSum: number[];
  /** Sum of their similarities. */
  similaritySum: number[];
}

/** Means over all thresholds, 0..1. */
export interface Hota {
  hota: number;
  detectionAccuracy: number;
  associationAccuracy: number;
  localisationAccuracy: number;
}

/** A vehicle and a track on a frame. */
interface Pair {
  truthId: number;
  trackId: number;
  similarity: number;
}

/**
 * Higher Order Tracking Accuracy (Luiten et al., "HOTA: A Higher Order Metric for Evaluating Multi-Object Tracking",
 * IJCV 2021). Each frame is matched once, so that the sum of similarities, weighted by how well vehicle and track go
 * together over the whole clip, is greatest (their section 5, as in the authors' evaluation); at a threshold those
 * matches count that are at least so similar.
 */
export function hotaCounts(frames: readonly ComparedFrame[]): HotaCounts {
  const truthFrames = countIds(frames, ({ truthIds }) => truthIds);
  const trackFrames = countIds(frames, ({ trackIds }) => trackIds);
  const affinity = affinities(frames, truthFrames, trackFrames);
  const pairs = frames.flatMap((frame) => matchFrame(frame, affinity));
  const truthBoxes = sum([...truthFrames.values()]);
  const trackBoxes = sum([...trackFrames.values()]);

  const counts: HotaCounts = {
    truePositives: [],
    falseNegatives: [],
    falsePositives: [],
    associationSum: [],
    similaritySum: [],
  };
  for (const alpha of ALPHAS) {
    const right = pairs.filter(({ similarity }) => similarity >= alpha - EPSILON);
    const together = new Map<string, { truthId: number; trackId: number; frames: number }>();
    for (const { truthId, trackId } of right) {
      const entry = together.get(key(truthId, trackId));
      if (entry) entry.frames++;
      else together.set(key(truthId, trackId), { truthId, trackId, frames: 1 });
    }
    // A(c) is that of the pair, for each of its frames.
    const association = [...together.values()].map(
      ({ truthId, trackId, frames: both }) =>
        both * (both / (truthFrames.get(truthId)! + trackFrames.get(trackId)! - both)),
    );
    counts.truePositives.push(right.length);
    counts.falseNegatives.push(truthBoxes - right.length);
    counts.falsePositives.push(trackBoxes - right.length);
    counts.associationSum.push(sum(association));
    counts.similaritySum.push(sum(right.map(({ similarity }) => similarity)));
  }
  return counts;
}

/** Null if there was neither truth nor track. */
export function hotaOf(counts: HotaCounts): Hota | null {
  const at = ALPHAS.map((_, i) => {
    const right = counts.truePositives[i]!;
    const boxes = right + counts.falseNegatives[i]! + counts.falsePositives[i]!;
    const detection = right / boxes;
    const association = right > 0 ? counts.associationSum[i]! / right : 0;
    // Nothing matched: nothing was located wrongly (the authors' convention).
    const localisation = right > 0 ? counts.similaritySum[i]! / right : 1;
    return { detection, association, localisation };
  });
  if (at.some(({ detection }) => Number.isNaN(detection))) return null;
  const mean = (values: number[]): number => sum(values) / values.length;
  return {
    hota: mean(at.map(({ detection, association }) => Math.sqrt(detection * association))),
    detectionAccuracy: mean(at.map(({ detection }) => detection)),
    associationAccuracy: mean(at.map(({ association }) => association)),
    localisationAccuracy: mean(at.map(({ localisation }) => localisation)),
  };
}

/** How well vehicle and track go together over the clip, 0..1: a soft Jaccard index of their frames. */
function affinities(
  frames: readonly ComparedFrame[],
  truthFrames: ReadonlyMap<number, number>,
  trackFrames: ReadonlyMap<number, number>,
): Map<string, number> {
  const shared = new Map<string, number>();
  for (const { truthIds, trackIds, similarity } of frames) {
    const columns = trackIds.length;
    const rowSums = truthIds.map((_, row) => sum(Array.from(similarity.subarray(row * columns, (row + 1) * columns))));
    const columnSums = trackIds.map((_, column) => sum(truthIds.map((_, row) => similarity[row * columns + column]!)));
    truthIds.forEach((truthId, row) => {
      trackIds.forEach((trackId, column) => {
        const value = similarity[row * columns + column]!;
        if (value <= 0) return;
        const name = key(truthId, trackId);
        shared.set(name, (shared.get(name) ?? 0) + value / (rowSums[row]! + columnSums[column]! - value));
      });
    });
  }
  for (const [name, value] of shared) {
    const [truthId, trackId] = name.split(' ').map(Number) as [number, number];
    shared.set(name, value / (truthFrames.get(truthId)! + trackFrames.get(trackId)! - value));
  }
  return shared;
}

function matchFrame(frame: ComparedFrame, affinity: ReadonlyMap<string, number>): Pair[] {
  const { truthIds, trackIds, similarity } = frame;
  const columnCount = trackIds.length;
  const costs = similarity.map((value, i) => {
    const name = key(truthIds[Math.floor(i / columnCount)]!, trackIds[i % columnCount]!);
    return -value * (affinity.get(name) ?? 0);
  });
  return assign({ costs, rowCount: truthIds.length, columnCount }, 0).matches.map(([row, column]) => ({
    truthId: truthIds[row]!,
    trackId: trackIds[column]!,
    similarity: similarity[row * columnCount + column]!,
  }));
}

function countIds(
  frames: readonly ComparedFrame[],
  ids: (frame: ComparedFrame) => readonly number[],
): Map<number, number> {
  const counts = new Map<number, number>();
  for (const frame of frames) for (const id of ids(frame)) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

const key = (truthId: number, trackId: number): string => `${truthId} ${trackId}`;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
