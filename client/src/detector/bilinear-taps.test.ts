import { describe, expect, it } from 'vitest';
import { bilinearTaps } from './bilinear-taps.js';

/** The line that the taps make of `source`. */
function apply(source: readonly number[], target: number): number[] {
  const { count, starts, weights } = bilinearTaps(source.length, target);
  return Array.from({ length: target }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < count; k++) sum += weights[i * count + k]! * source[starts[i]! + k]!;
    return sum;
  });
}

describe('bilinearTaps', () => {
  it('leaves a line of the same size as it is', () => {
    expect(apply([3, 1, 4, 1, 5], 5)).toEqual([3, 1, 4, 1, 5]);
  });

  it('interpolates where it grows, with centres that line up', () => {
    expect(apply([0, 4], 4)).toEqual([0, 1, 3, 4]);
  });

  it('averages where it shrinks, so that fine stripes turn grey', () => {
    const stripes = Array.from({ length: 64 }, (_, i) => (i % 2) * 2);
    for (const value of apply(stripes, 16).slice(1, -1)) expect(value).toBeCloseTo(1, 5);
  });

  it.each([
    [640, 568],
    [1920, 576],
    [360, 320],
    [3, 640],
    [1, 4],
    [4096, 7],
  ])('weighs %i samples into %i without leaving the line', (source, target) => {
    const { count, starts, weights } = bilinearTaps(source, target);
    for (let i = 0; i < target; i++) {
      expect(starts[i]! + count).toBeLessThanOrEqual(source);
      let sum = 0;
      for (let k = 0; k < count; k++) sum += weights[i * count + k]!;
      expect(sum).toBeCloseTo(1, 5);
    }
    // A ramp stays a ramp, away from the edges.
    const ramp = apply(
      Array.from({ length: source }, (_, i) => i),
      target,
    );
    const middle = Math.floor(target / 2);
    expect(Math.abs(ramp[middle]! - ((middle + 0.5) * (source / target) - 0.5))).toBeLessThan(0.6);
  });
});
