import { ReferenceNms } from '@lanecast/native';
import { describe, expect, it } from 'vitest';
import { DISTRIBUTIONS, makeBoxes, type Distribution } from './boxes.js';

function kept(distribution: Distribution, count: number): number {
  const { boxes, scores } = makeBoxes(distribution, count);
  const room = new Int32Array(count);
  return new ReferenceNms().suppress(
    { count, boxes, scores, classes: null, iouThreshold: 0.45, scoreThreshold: -Infinity },
    room,
  );
}

describe('makeBoxes', () => {
  it.each(DISTRIBUTIONS)('makes the same %s boxes for the same seed, others for another', (distribution) => {
    expect(makeBoxes(distribution, 50, 3)).toEqual(makeBoxes(distribution, 50, 3));
    expect(makeBoxes(distribution, 50, 3).scores).not.toEqual(makeBoxes(distribution, 50, 4).scores);
  });

  it.each<[Distribution, number, number]>([
    ['uniform', 650, 850],
    ['clustered', 3, 20],
    ['all overlapping', 1, 1],
    ['none overlapping', 1000, 1000],
  ])('makes %s boxes that deserve the name', (distribution, least, most) => {
    const count = kept(distribution, 1000);
    expect(count).toBeGreaterThanOrEqual(least);
    expect(count).toBeLessThanOrEqual(most);
  });
});
