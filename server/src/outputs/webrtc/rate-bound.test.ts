import { expect, it } from 'vitest';
import { RateBound } from './rate-bound.js';

it('lets some messages wait, and more where more flows', () => {
  const bound = new RateBound();
  expect(bound.admits(8192, 100, 0)).toBe(true);
  expect(bound.admits(8193, 100, 0)).toBe(false);
  // A million bytes a second: a tenth of it may wait.
  for (let t = 0; t <= 3000; t += 10) bound.admits(0, 10_000, t);
  expect(bound.admits(90_000, 100, 3000)).toBe(true);
  expect(bound.admits(120_000, 100, 3000)).toBe(false);
  // And less again when it has been quiet.
  expect(bound.admits(90_000, 100, 9000)).toBe(false);
});
