import type { PublishedTrack } from '@lanecast/server/core/types';
import { assign } from '@lanecast/server/track/assignment';
import { compareFrame } from '../chain/compare.js';
import { quantile } from '../chain/speed-error.js';
import type { TruthFrame } from '../chain/truth.js';
import type { PresentedFrame } from './figures.js';

/** A box belongs to the vehicle that it overlaps; one that was carried too far may do so but little. */
const LEAST_IOU = 0.1;

/** How far drawn boxes are from where their vehicles truly are on that very frame, in pixels of the source. */
export interface BoxError {
  /** Frames whose number could be read in their pixels. */
  frames: number;
  /** Boxes that lie on a vehicle, and those that lie on none. */
  boxes: number;
  strayBoxes: number;
  /** Between the centres of box and vehicle. */
  centrePx: { median: number; p95: number } | null;
}

/** By how the boxes came about: those that were measured are the detector's own error, with which to compare. */
export type BoxErrors = Record<'measured' | 'interpolated' | 'predicted', BoxError>;

export interface TruthSource {
  width: number;
  height: number;
  /** Of the frame with this number in its pixels. */
  truthAt(frameNo: number): TruthFrame;
}

const KINDS = { measured: 'exact', interpolated: 'interpolated', predicted: 'predicted' } as const;

/** @param truths by stream id; frames of other streams are left out. */
export function boxErrors(frames: readonly PresentedFrame[], truths: ReadonlyMap<string, TruthSource>): BoxErrors {
  const of = (kind: keyof BoxErrors): BoxError =>
    errorOf(
      frames.filter((frame) => frame.kind === KINDS[kind]),
      truths,
    );
  return { measured: of('measured'), interpolated: of('interpolated'), predicted: of('predicted') };
}

function errorOf(frames: readonly PresentedFrame[], truths: ReadonlyMap<string, TruthSource>): BoxError {
  const distances: number[] = [];
  let count = 0;
  let strayBoxes = 0;
  for (const { stream, boxes, pixelFrameNo, pixelRtpTimestamp, rtpTimestamp } of frames) {
    const truth = truths.get(stream);
    if (!truth || pixelFrameNo === null || pixelRtpTimestamp !== rtpTimestamp) continue;
    count++;
    const { width, height } = truth;
    const drawn = boxes.map(({ id, ...box }): PublishedTrack => ({
      id,
      class: '',
      score: 1,
      box: [box.x * width, box.y * height, box.width * width, box.height * height],
      speedKmh: null,
      speedSigmaKmh: null,
    }));
    const compared = compareFrame(truth.truthAt(pixelFrameNo), drawn, { width, height });
    const { truth: vehicles, tracks, similarity } = compared;
    const { matches, unmatchedColumns } = assign(
      { costs: similarity.map((iou) => -iou), rowCount: vehicles.length, columnCount: tracks.length },
      -LEAST_IOU,
    );
    strayBoxes += unmatchedColumns.length;
    for (const [row, column] of matches) {
      const [a, b] = [vehicles[row]!.box, tracks[column]!.box];
      distances.push(Math.hypot(a[0] + a[2] / 2 - b[0] - b[2] / 2, a[1] + a[3] / 2 - b[1] - b[3] / 2));
    }
  }
  const at = (share: number): number => Math.round(100 * quantile(distances, share)) / 100;
  return {
    frames: count,
    boxes: distances.length,
    strayBoxes,
    centrePx: distances.length === 0 ? null : { median: at(0.5), p95: at(0.95) },
  };
}
