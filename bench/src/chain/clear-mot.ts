import { assign } from '@lanecast/server/track/assignment';
import { type ComparedFrame, EPSILON, MATCH_IOU } from './compare.js';

/** Totals of the CLEAR metrics; those of several scenes add up. */
export interface ClearCounts {
  /** Boxes of the truth. */
  truth: number;
  /** Boxes of the tracks. */
  tracked: number;
  truePositives: number;
  falseNegatives: number;
  falsePositives: number;
  /** A vehicle is matched to another track than the last that it was matched to. */
  idSwitches: number;
  /** Of the matched. */
  similaritySum: number;
}

/** A vehicle and its track on one frame, by their places in it. */
export interface Match {
  frame: number;
  truth: number;
  track: number;
}

/** What makes a match of the frame before stay, whatever else would be more alike. */
const CONTINUES = 1000;

/**
 * The CLEAR MOT metrics (Bernardin and Stiefelhagen, "Evaluating Multiple Object Tracking Performance", 2008), matched
 * frame by frame: matches of the last frame go on where they still hold, then the sum of similarities is maximised.
 */
export function clearMot(
  frames: readonly ComparedFrame[],
  threshold = MATCH_IOU,
): { counts: ClearCounts; matches: Match[] } {
  const counts: ClearCounts = {
    truth: 0,
    tracked: 0,
    truePositives: 0,
    falseNegatives: 0,
    falsePositives: 0,
    idSwitches: 0,
    similaritySum: 0,
  };
  const matches: Match[] = [];
  /** Track of each vehicle: the last one that it ever had, and that of the frame before. */
  const lastTrack = new Map<number, number>();
  let before = new Map<number, number>();
  frames.forEach(({ truthIds, trackIds, similarity }, frame) => {
    const columnCount = trackIds.length;
    const costs = similarity.map((value, i) => {
      if (value < threshold - EPSILON) return 0;
      const goesOn = before.get(truthIds[Math.floor(i / columnCount)]!) === trackIds[i % columnCount];
      return -value - (goesOn ? CONTINUES : 0);
    });
    const found = assign({ costs, rowCount: truthIds.length, columnCount }, 0).matches;
    before = new Map();
    for (const [truth, track] of found) {
      const truthId = truthIds[truth]!;
      const trackId = trackIds[track]!;
      if ((lastTrack.get(truthId) ?? trackId) !== trackId) counts.idSwitches++;
      lastTrack.set(truthId, trackId);
      before.set(truthId, trackId);
      counts.similaritySum += similarity[truth * columnCount + track]!;
      matches.push({ frame, truth, track });
    }
    counts.truth += truthIds.length;
    counts.tracked += columnCount;
    counts.truePositives += found.length;
    counts.falseNegatives += truthIds.length - found.length;
    counts.falsePositives += columnCount - found.length;
  });
  return { counts, matches };
}

/** `1 - (misses + false alarms + switches) / truth`; may be negative, null without any truth. */
export function motaOf({ truth, falseNegatives, falsePositives, idSwitches }: ClearCounts): number | null {
  return truth > 0 ? 1 - (falseNegatives + falsePositives + idSwitches) / truth : null;
}
