import { expect, it } from 'vitest';
import { RestartDelay } from './restart-delay.js';

it('doubles from 250 ms to 5 s while runs are short', () => {
  const delay = new RestartDelay();
  expect([0, 0, 0, 0, 0, 0, 0].map((ranMs) => delay.after(ranMs))).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
});

it('begins anew after a run of ten seconds', () => {
  const delay = new RestartDelay();
  delay.after(0);
  delay.after(0);
  expect(delay.after(9_999)).toBe(1000);
  expect(delay.after(10_000)).toBe(250);
});
