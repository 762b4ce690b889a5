import { expect, it } from 'vitest';
import { UnrolledTruth } from './unrolled-truth.js';
import type { TruthFrame } from './truth.js';

/** Frames by the ids that are on them. */
const loop = (...ids: number[][]): TruthFrame[] =>
  ids.map((onFrame) => ({
    vehicles: onFrame.map((id) => ({
      id,
      class: 'car',
      box: [0, 0, 9, 9],
      occlusion: 0,
      groundM: [0, 0],
      speedKmh: 0,
    })),
  }));
const idsOf = (truth: UnrolledTruth, id: number, frames: number): (number | null)[] =>
  Array.from(
    { length: frames },
    (_, i) => truth.at(i).vehicles.find((v) => Math.floor(v.id / 100_000) === id)?.id ?? null,
  ).map((value) => value && value % 100_000);

it('makes each passage another vehicle', () => {
  const truth = new UnrolledTruth(loop([], [1], [1], []));
  expect(idsOf(truth, 1, 8)).toEqual([null, 1, 1, null, null, 2, 2, null]);
});

it('lets a passage go on over the seam', () => {
  const truth = new UnrolledTruth(loop([1], [], [], [1]));
  expect(idsOf(truth, 1, 9)).toEqual([0, null, null, 1, 1, null, null, 2, 2]);
});

it('takes a short absence, behind a bridge, for part of a passage', () => {
  const truth = new UnrolledTruth(loop([1], [1], [], [1], [], [], []));
  expect(idsOf(truth, 1, 9)).toEqual([1, 1, null, 1, null, null, null, 2, 2]);
});

it('knows the parked ones for ever', () => {
  expect(idsOf(new UnrolledTruth(loop([1], [1])), 1, 5)).toEqual([0, 0, 0, 0, 0]);
});
