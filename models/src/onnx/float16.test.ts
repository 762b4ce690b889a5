import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHalf, toHalf } from './float16.js';

describe('binary16', () => {
  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65519, 0x7bff],
    [65520, 0x7c00],
    [1e9, 0x7c00],
    [-Infinity, 0xfc00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [1.5 * 2 ** -24, 0x0002],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
  ])('%f is 0x%s', (value, half) => expect(toHalf(value)).toBe(half));

  it('keeps every half', () => {
    for (let half = 0; half < 0x10000; half++) {
      const value = fromHalf(half);
      if (!Number.isNaN(value)) expect(toHalf(value)).toBe(half);
    }
    expect(Number.isNaN(fromHalf(toHalf(NaN)))).toBe(true);
  });

  it('errs by at most half a step', () => {
    fc.assert(
      fc.property(fc.float({ min: -65000, max: 65000, noNaN: true }), (value) => {
        const step = Math.max(2 ** -24, 2 ** (Math.floor(Math.log2(Math.abs(value) || 1e-9)) - 10));
        expect(Math.abs(fromHalf(toHalf(value)) - value)).toBeLessThanOrEqual(step / 2);
      }),
    );
  });
});
