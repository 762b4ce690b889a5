import { expect, it } from 'vitest';
import { Painter } from './painter.js';
import { seededRandom } from '@lanecast/server/core/random';

it('blends the edges of a box by their coverage', () => {
  const painter = new Painter(32, 16, () => 0);
  const luma = 240;
  const box = { widthPx: 4, heightPx: 2, speedPxPerS: 0, axis: 'x', lanePx: 0, phase: 0, luma } as const;
  const picture = painter.paint([{ id: 0, box: [2.25, 4, 4, 2], visible: 1 }], [box]);
  expect([...picture.subarray(4 * 32, 4 * 32 + 9)]).toEqual([40, 40, 190, 240, 240, 240, 90, 40, 40]);
  expect(picture[3 * 32 + 4]).toBe(40);
  expect(picture[6 * 32 + 4]).toBe(40);
  expect(picture).toHaveLength((32 * 16 * 3) / 2);
});

it('has the same dark ground for the same seed, and stays inside the picture', () => {
  const box = { widthPx: 40, heightPx: 40, speedPxPerS: 0, axis: 'x', lanePx: 0, phase: 0, luma: 200 } as const;
  const paint = (seed: number): Buffer =>
    new Painter(32, 16, seededRandom(seed)).paint([{ id: 0, box: [-50, -50, 40, 40], visible: 0 }], [box]);
  expect(paint(1)).toEqual(paint(1));
  expect(paint(1)).not.toEqual(paint(2));
  expect(Math.max(...paint(1).subarray(0, 32 * 16))).toBeLessThanOrEqual(56);
});
