import { expect, it } from 'vitest';
import { StunRepeats } from './stun-repeats.js';

it('lets the first of those pass that waited together', () => {
  const repeats = new StunRepeats();
  expect([5000, 5001, 5080].map((atMs) => repeats.isRepeat('a', false, atMs))).toEqual([false, true, true]);
  expect(repeats.isRepeat('b', false, 5080)).toBe(false);
});

it('lets a request pass that is repeated in its time: its answer was lost', () => {
  const repeats = new StunRepeats();
  expect([0, 150, 650].map((atMs) => repeats.isRepeat('a', false, atMs))).toEqual([false, false, false]);
});

it('lets a nomination pass under the transaction of the check before it', () => {
  const repeats = new StunRepeats();
  repeats.isRepeat('a', false, 0);
  expect(repeats.isRepeat('a', true, 1)).toBe(false);
  expect(repeats.isRepeat('a', true, 2)).toBe(true);
});

it('remembers so many and no more', () => {
  const repeats = new StunRepeats();
  for (let i = 0; i < 100; i++) expect(repeats.isRepeat(String(i), false, 0)).toBe(false);
  expect(repeats.isRepeat('99', false, 0)).toBe(true);
  expect(repeats.isRepeat('0', false, 0)).toBe(false);
});
