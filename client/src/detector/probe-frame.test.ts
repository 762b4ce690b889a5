import { describe, expect, it } from 'vitest';
import { isChromaBilinear } from './probe-frame.js';

describe('isChromaBilinear', () => {
  it('tells repeated samples from those in between, rounding included', () => {
    const [low, high] = [0.5, 0.78];
    const between = (share: number): number => low + share * (high - low);
    expect(isChromaBilinear(Float32Array.of(low, low, low, low, high, high, high, high))).toBe(false);
    expect(isChromaBilinear(Float32Array.of(low, low, low, low + 0.004, high, high, high, high))).toBe(false);
    const bilinear = Float32Array.of(low, low, low, between(0.25), between(0.75), high, high, high);
    expect(isChromaBilinear(bilinear)).toBe(true);
  });

  it('takes one colour for no step', () => {
    expect(isChromaBilinear(new Float32Array(8).fill(0.5))).toBe(false);
  });
});
