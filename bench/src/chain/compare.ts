import type { PublishedTrack } from '@lanecast/server/core/types';
import { assign } from '@lanecast/server/track/assignment';
import type { Box, TruthFrame, TruthVehicle } from './truth.js';

/** What the metrics see of a frame: who was there, what was said, and how alike they are. */
export interface ComparedFrame {
  truthIds: readonly number[];
  trackIds: readonly number[];
  /** Row-major, `truthIds.length x trackIds.length`, 0..1. */
  similarity: Float64Array;
}

/** With what the ids stand for. */
export interface ComparedVehicles extends ComparedFrame {
  truth: readonly TruthVehicle[];
  tracks: readonly PublishedTrack[];
}

/** Truth that is smaller (its shorter side), or hidden to a larger part, is nobody's fault and nobody's merit. */
export const MIN_SIDE_PX = 12;
export const MAX_OCCLUSION = 0.7;

/** Boxes match from here on, where a metric has one threshold. */
export const MATCH_IOU = 0.5;
/** Rounding must not decide. */
export const EPSILON = 1e-9;

/** A track of which so much lies in ignored truth is ignored, too: boxes of the tiny and the hidden are uncertain. */
const IGNORED_SHARE = 0.5;

/**
 * Compares one frame's tracks with the truth. Boxes are clipped to the picture, since nobody can see beyond it. Truth
 * that does not count is left out, and so are tracks that are on such truth: those that match it better than truth that
 * counts, and the unmatched ones that lie mostly in it. They are neither right nor wrong.
 */
export function compareFrame(
  frame: TruthFrame,
  published: readonly PublishedTrack[],
  size: { width: number; height: number },
): ComparedVehicles {
  const all = frame.vehicles
    .map((vehicle) => ({ ...vehicle, box: clip(vehicle.box, size) }))
    .filter(({ box }) => areaOf(box) > 0);
  const seen = published
    .map((track) => ({ ...track, box: clip(track.box, size) as PublishedTrack['box'] }))
    .filter(({ box }) => areaOf(box) > 0);
  const ignored = all.filter((vehicle) => !counts(vehicle));
  const tracks = ignored.length === 0 ? seen : withoutIgnored(all, ignored, seen);
  const truth = all.filter(counts);
  return {
    truth,
    tracks,
    truthIds: truth.map(({ id }) => id),
    trackIds: tracks.map(({ id }) => id),
    similarity: similarities(truth, tracks),
  };
}

/** True for truth that must be found. */
export function counts({ box, occlusion }: Pick<TruthVehicle, 'box' | 'occlusion'>): boolean {
  return Math.min(box[2], box[3]) >= MIN_SIDE_PX && occlusion <= MAX_OCCLUSION;
}

function withoutIgnored(
  all: readonly TruthVehicle[],
  ignored: readonly TruthVehicle[],
  tracks: readonly PublishedTrack[],
): PublishedTrack[] {
  const costs = similarities(all, tracks).map((iou) => (iou >= MATCH_IOU - EPSILON ? -iou : 0));
  const { matches, unmatchedColumns } = assign({ costs, rowCount: all.length, columnCount: tracks.length }, 0);
  const onIgnored = new Set<number>();
  for (const [row, column] of matches) if (!counts(all[row]!)) onIgnored.add(column);
  for (const column of unmatchedColumns) {
    const { box } = tracks[column]!;
    const share = Math.max(...ignored.map((vehicle) => intersection(vehicle.box, box) / areaOf(box)));
    if (share >= IGNORED_SHARE) onIgnored.add(column);
  }
  return tracks.filter((_, column) => !onIgnored.has(column));
}

function similarities(truth: readonly { box: Box }[], tracks: readonly { box: Box }[]): Float64Array {
  const values = new Float64Array(truth.length * tracks.length);
  truth.forEach(({ box }, row) => {
    tracks.forEach((track, column) => (values[row * tracks.length + column] = iouOf(box, track.box)));
  });
  return values;
}

/** Intersection over union; 0 for boxes without area. */
export function iouOf(a: Box, b: Box): number {
  const common = intersection(a, b);
  return common > 0 ? common / (areaOf(a) + areaOf(b) - common) : 0;
}

function intersection(a: Box, b: Box): number {
  const width = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]);
  return Math.max(0, width) * Math.max(0, height);
}

const areaOf = ([, , width, height]: Box): number => Math.max(0, width) * Math.max(0, height);

function clip([x, y, width, height]: Box, size: { width: number; height: number }): Box {
  const left = Math.min(Math.max(x, 0), size.width);
  const top = Math.min(Math.max(y, 0), size.height);
  const right = Math.min(Math.max(x + width, 0), size.width);
  const bottom = Math.min(Math.max(y + height, 0), size.height);
  return [left, top, right - left, bottom - top];
}
