import { describe, expect, it } from 'vitest';

import { fromRgb, trackColour } from './colour.js';

describe('fromRgb', () => {
  it.each([
    [0x000000, [0, 128, 128]],
    [0xffffff, [255, 128, 128]],
    [0xff0000, [76, 85, 255]],
    [0x0000ff, [29, 255, 107]],
  ])('turns %i into full-range BT.601 %j', (rgb, expected) => {
    const { y, u, v } = fromRgb(rgb);
    expect([y, u, v]).toEqual(expected);
  });
});

describe('trackColour', () => {
  it('is stable for an id and different for twelve neighbours', () => {
    expect(trackColour(7)).toBe(trackColour(7));
    for (let first = 1; first < 100; first++)
      expect(new Set(Array.from({ length: 12 }, (_, i) => trackColour(first + i))).size).toBe(12);
  });
});
