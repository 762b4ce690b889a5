import { expect, it } from 'vitest';
import { DEFAULT_SCALE_M_PER_PX, ScaleProjection } from './ground-projection.js';

it('scales pixels to metres, 0.05 m each if nothing else is said', () => {
  expect(new ScaleProjection().scaleMPerPx).toBe(DEFAULT_SCALE_M_PER_PX);
  expect(new ScaleProjection(0.5).project(10, 20)).toEqual([5, 10]);
});

it.each([0, -1, NaN, Infinity])('refuses a scale of %d and says what it should be', (scale) => {
  expect(() => new ScaleProjection(scale)).toThrow(expect.objectContaining({ code: 'speed-scale' }));
});
