import { expect, it } from 'vitest';
import { StageFigures } from './stage-figures.js';

it('gives medians over the last samples only', () => {
  const figures = new StageFigures(3);
  expect(figures.medians()).toBeNull();
  for (const totalMs of [900, 10, 30, 20])
    figures.add({ importMs: 1, preprocessMs: 2, inferMs: totalMs - 4, decodeMs: 1, totalMs });
  expect(figures.medians()).toEqual({ importMs: 1, preprocessMs: 2, inferMs: 16, decodeMs: 1, totalMs: 20 });
  figures.clear();
  expect(figures.medians()).toBeNull();
});
