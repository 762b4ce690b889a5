/** Decides which parts of which videos become clips. Pure. */

export interface Slice {
  /** Index into the videos. */
  video: number;
  startS: number;
  /** As asked for, or the whole video where it is shorter. */
  durationS: number;
}

/**
 * `count` slices of `durationS`, taken from the videos in turn; those of one video begin at evenly spaced times from its
 * start to the last possible one (they overlap when it is short).
 */
export function planSlices(videoDurationsS: readonly number[], count: number, durationS: number): Slice[] {
  return Array.from({ length: count }, (_, index) => {
    const video = index % videoDurationsS.length;
    const ownCount = Math.ceil((count - video) / videoDurationsS.length);
    const ownIndex = Math.floor(index / videoDurationsS.length);
    const latestStartS = Math.max(videoDurationsS[video]! - durationS, 0);
    const startS = ownCount === 1 ? 0 : (latestStartS * ownIndex) / (ownCount - 1);
    return { video, startS: round3(startS), durationS: round3(Math.min(durationS, videoDurationsS[video]!)) };
  });
}

const round3 = (value: number): number => Math.round(value * 1000) / 1000;
