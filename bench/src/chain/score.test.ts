import type { PublishedTrack } from '@lanecast/server/core/types';
import { describe, expect, it } from 'vitest';
import { compareFrame, counts, iouOf } from './compare.js';
import { addScenes, type ChainFrame, countScene, scoreOf } from './score.js';
import { quantile, speedErrors } from './speed-error.js';
import type { Box, TruthVehicle } from './truth.js';

const SIZE = { width: 640, height: 360 };
const vehicle = (id: number, box: Box, more: Partial<TruthVehicle> = {}): TruthVehicle => ({
  id,
  class: 'car',
  box,
  occlusion: 0,
  groundM: [0, 0],
  speedKmh: 50,
  ...more,
});
const track = (id: number, box: PublishedTrack['box'], speedKmh: number | null = null): PublishedTrack => ({
  id,
  class: 'car',
  score: 0.9,
  box,
  speedKmh,
  speedSigmaKmh: speedKmh === null ? null : 1,
});

describe('iouOf', () => {
  it('agrees with boxes worked by hand', () => {
    expect(iouOf([0, 0, 10, 10], [5, 0, 10, 10])).toBeCloseTo(1 / 3, 12);
    expect(iouOf([0, 0, 10, 10], [10, 0, 10, 10])).toBe(0);
    expect(iouOf([0, 0, 0, 10], [0, 0, 0, 10])).toBe(0);
  });
});

describe('compareFrame', () => {
  const compare = (vehicles: TruthVehicle[], tracks: PublishedTrack[]) => {
    const { truthIds, trackIds } = compareFrame({ vehicles }, tracks, SIZE);
    return { truthIds, trackIds };
  };

  it('counts what is at least 12 px on its shorter side and at most 70 % hidden', () => {
    expect(counts(vehicle(1, [0, 0, 30, 12], { occlusion: 0.7 }))).toBe(true);
    expect(counts(vehicle(1, [0, 0, 30, 11.9]))).toBe(false);
    expect(counts(vehicle(1, [0, 0, 30, 30], { occlusion: 0.71 }))).toBe(false);
  });

  it('forgives whoever finds what does not count, and whoever does not', () => {
    const tiny = vehicle(1, [100, 100, 20, 10]);
    const hidden = vehicle(2, [300, 100, 60, 40], { occlusion: 0.9 });
    const plain = vehicle(3, [200, 200, 60, 40]);
    expect(compare([tiny, hidden, plain], [])).toEqual({ truthIds: [3], trackIds: [] });
    const tracks = [
      track(5, [100, 100, 20, 11]), // matches the tiny one
      track(6, [310, 105, 20, 20]), // lies in the hidden one
      track(7, [200, 200, 60, 40]), // matches the plain one
      track(8, [400, 300, 60, 40]), // is a false alarm
    ];
    expect(compare([tiny, hidden, plain], tracks)).toEqual({ truthIds: [3], trackIds: [7, 8] });
  });

  it('does not forgive a second track on a vehicle that counts, nor give its track to a hidden neighbour', () => {
    const plain = vehicle(1, [200, 200, 60, 40]);
    const behind = vehicle(2, [210, 195, 60, 40], { occlusion: 0.9 });
    expect(compare([plain], [track(5, [200, 200, 60, 40]), track(6, [202, 201, 60, 40])]).trackIds).toEqual([5, 6]);
    expect(compare([plain, behind], [track(5, [201, 200, 60, 40])])).toEqual({ truthIds: [1], trackIds: [5] });
  });

  it('sees nothing beyond the picture', () => {
    const leaving = vehicle(1, [600, 100, 100, 40]);
    const { similarity } = compareFrame({ vehicles: [leaving] }, [track(5, [600, 100, 40, 40])], SIZE);
    expect(similarity[0]).toBeCloseTo(1, 12);
    expect(compare([vehicle(2, [650, 0, 50, 50])], [track(6, [-80, 0, 60, 50])])).toEqual({
      truthIds: [],
      trackIds: [],
    });
  });
});

describe('speedErrors', () => {
  it('agrees with samples worked by hand, and passes over those that stand or crawl', () => {
    const errors = speedErrors([
      { truthKmh: 50, shownKmh: 51 },
      { truthKmh: 50, shownKmh: 48 },
      { truthKmh: 100, shownKmh: 104 },
      { truthKmh: 80, shownKmh: null },
      { truthKmh: 10, shownKmh: 90 },
      { truthKmh: 0, shownKmh: 0 },
    ])!;
    expect(errors).toMatchObject({ samples: 4, shown: 0.75, medianKmh: 2, biasKmh: 1 });
    expect(errors.p95Kmh).toBeCloseTo(3.8, 12);
    expect(errors.medianPercent).toBeCloseTo(4, 12);
    expect(errors.biasPercent).toBeCloseTo((2 - 4 + 4) / 3, 12);
  });

  it('says nothing where no speed was shown', () => {
    expect(speedErrors([])).toBeNull();
    expect(speedErrors([{ truthKmh: 50, shownKmh: null }])).toBeNull();
  });

  it('takes quantiles between values', () => {
    expect([0, 0.25, 0.5, 1].map((share) => quantile([4, 1, 3, 2], share))).toEqual([1, 1.75, 2.5, 4]);
    expect(quantile([7], 0.95)).toBe(7);
  });
});

describe('scenes', () => {
  const drive = (frames: number, id: (frame: number) => number, shownKmh: number): ChainFrame[] =>
    Array.from({ length: frames }, (_, i) => ({
      ...SIZE,
      truth: { vehicles: [vehicle(1, [10 * i, 100, 60, 40])] },
      tracks: [track(id(i), [10 * i, 100, 60, 40], shownKmh)],
    }));

  it('add up: the whole is counted, not the mean of the parts', () => {
    const good = countScene(drive(30, () => 1, 50));
    const split = countScene(drive(10, (i) => (i < 5 ? 1 : 2), 55));
    expect(scoreOf(good)).toMatchObject({
      frames: 30,
      truth: 30,
      mota: 1,
      idf1: 1,
      idSwitches: 0,
      speed: { medianPercent: 0 },
    });
    expect(scoreOf(good).hota!.hota).toBeCloseTo(1, 9);
    const all = scoreOf(addScenes([good, split]));
    expect(all).toMatchObject({ frames: 40, truth: 40, tracked: 40, idSwitches: 1, mota: 1 - 1 / 40, idf1: 35 / 40 });
    // A(c): 30 frames of 1, 10 of 5 / 10.
    expect(all.hota!.associationAccuracy).toBeCloseTo(35 / 40, 9);
    expect(all.speed!.biasPercent).toBeCloseTo(2.5, 9);
  });
});
