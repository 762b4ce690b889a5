import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { dateText, durationText, overlapPx, placeLabel, shortTrackLabel, timeText, trackLabel } from './labels.js';

describe('trackLabel', () => {
  it.each([
    [87.4, '#12 car 87 km/h', '87 km/h'],
    [0, '#12 car 0 km/h', '0 km/h'],
    [-0.2, '#12 car 0 km/h', '0 km/h'],
    [null, '#12 car', '#12'],
    [Number.NaN, '#12 car', '#12'],
    [Number.POSITIVE_INFINITY, '#12 car', '#12'],
  ])('with a speed of %s says %s, or %s for short', (speedKmh, long, short) => {
    const track = { id: 12, class: 'car', speedKmh };
    expect(trackLabel(track)).toBe(long);
    expect(shortTrackLabel(track)).toBe(short);
  });
});

it.each([
  [-5, '0 s'],
  [59_999, '59 s'],
  [125_000, '2 min 05 s'],
  [11_520_000, '3 h 12 min'],
  [183_600_000, '2 d 3 h'],
])('%d ms are %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

it('writes the time of day and the date with two digits each', () => {
  const epochMs = new Date(2026, 2, 4, 5, 6, 7).getTime();
  expect([timeText(epochMs), dateText(epochMs)]).toEqual(['05:06:07', '2026-03-04']);
});

describe('placeLabel', () => {
  const bounds = { x: 0, y: 0, width: 200, height: 100 };
  const box = { x: 50, y: 40, width: 40, height: 20 };

  it('prefers the place above the box, then the one below', () => {
    const above = placeLabel(box, 60, 15, bounds, []);
    expect(above).toEqual({ x: 50, y: 25, width: 60, height: 15 });
    expect(placeLabel(box, 60, 15, bounds, [above!])).toEqual({ x: 50, y: 60, width: 60, height: 15 });
  });

  it('moves off another vehicle, but not for a sliver of it', () => {
    const sliver = { x: 50, y: 20, width: 60, height: 7 };
    expect(placeLabel(box, 60, 15, bounds, [], [sliver])).toMatchObject({ y: 25 });
    const vehicle = { x: 50, y: 20, width: 60, height: 20 };
    expect(placeLabel(box, 60, 15, bounds, [], [vehicle])).toMatchObject({ y: 60 });
  });

  it('finds no place where labels cover everything, or where it is too large', () => {
    expect(placeLabel(box, 60, 15, bounds, [bounds])).toBeNull();
    expect(placeLabel(box, 201, 15, bounds, [])).toBeNull();
  });

  it('never leaves the bounds and never hides much of another label', () => {
    const rect = fc.record({
      x: fc.integer({ min: -50, max: 250 }),
      y: fc.integer({ min: -50, max: 150 }),
      width: fc.integer({ min: 1, max: 120 }),
      height: fc.integer({ min: 1, max: 80 }),
    });
    fc.assert(
      fc.property(rect, fc.array(rect, { maxLength: 4 }), fc.array(rect, { maxLength: 4 }), (target, taken, avoid) => {
        const place = placeLabel(target, 60, 15, bounds, taken, avoid);
        if (!place) return;
        expect(overlapPx(place, bounds)).toBe(60 * 15);
        for (const other of taken) expect(overlapPx(place, other)).toBeLessThanOrEqual(0.08 * 60 * 15);
      }),
    );
  });
});
