import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planSlices } from './plan-slices.js';

it('takes the videos in turn and spreads the starts', () => {
  expect(planSlices([30, 53], 5, 20)).toEqual([
    { video: 0, startS: 0, durationS: 20 },
    { video: 1, startS: 0, durationS: 20 },
    { video: 0, startS: 5, durationS: 20 },
    { video: 1, startS: 33, durationS: 20 },
    { video: 0, startS: 10, durationS: 20 },
  ]);
});

it('takes the whole of a short video', () => {
  expect(planSlices([8.92], 2, 20)).toEqual([
    { video: 0, startS: 0, durationS: 8.92 },
    { video: 0, startS: 0, durationS: 8.92 },
  ]);
});

it('always stays within the videos', () => {
  const durations = fc.array(fc.double({ min: 1, max: 500, noNaN: true }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(durations, fc.integer({ min: 1, max: 20 }), (videoDurationsS, count) => {
      const slices = planSlices(videoDurationsS, count, 20);
      expect(slices).toHaveLength(count);
      for (const { video, startS, durationS } of slices) {
        expect(startS).toBeGreaterThanOrEqual(0);
        expect(durationS).toBeGreaterThan(0);
        expect(startS + durationS).toBeLessThanOrEqual(videoDurationsS[video]! + 0.002);
      }
    }),
  );
});
