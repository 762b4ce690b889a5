import { expect, test } from 'vitest';
import { ribbonOffsets } from './trail-ribbon.js';

test('a straight line has perpendicular offsets everywhere', () => {
  for (const [x, y] of ribbonOffsets([0, 0, 10, 0, 25, 0], 2)) {
    expect(x).toBeCloseTo(0);
    expect(y).toBeCloseTo(2);
  }
});

test('a right angle has a mitre in its corner, and both pieces keep their width there', () => {
  const offsets = ribbonOffsets([0, 0, 10, 0, 10, 10], 1);
  expect(offsets[0]).toEqual([-0, 1]);
  expect(offsets[1]![0]).toBeCloseTo(-1);
  expect(offsets[1]![1]).toBeCloseTo(1);
  expect(offsets[2]![0]).toBeCloseTo(-1);
  expect(offsets[2]![1]).toBeCloseTo(0);
});

test('a sharp turn does not shoot out, and a turn right back is no division by zero', () => {
  const sharp = ribbonOffsets([0, 0, 10, 0, 0, 0.5], 1)[1]!;
  expect(Math.hypot(...sharp)).toBeLessThanOrEqual(2 + 1e-9);
  const back = ribbonOffsets([0, 0, 10, 0, 0, 0], 1)[1]!;
  expect(back[0]).toBeCloseTo(0);
  expect(back[1]).toBeCloseTo(1);
});
