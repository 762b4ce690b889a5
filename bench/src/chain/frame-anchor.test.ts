import { expect, it } from 'vitest';
import { FrameClock } from './frame-anchor.js';

it('counts on over the seam, from any frame that was read', () => {
  const clock = new FrameClock([{ ptsUs: 1_000_000, frameNo: 90 }], 25, 100);
  expect([0, 960_000, 1_000_000, 1_040_000, 1_400_000, 9_000_000].map((us) => clock.frameAt(us))).toEqual([
    65, 89, 90, 91, 100, 290,
  ]);
});

it('rounds times that are a little off', () => {
  const clock = new FrameClock([{ ptsUs: 33_333, frameNo: 1 }], 30, 100);
  expect([0, 66_667, 100_011, 10_000_000].map((us) => clock.frameAt(us))).toEqual([0, 2, 3, 300]);
});

it('takes any number of frames that agree, and refuses ones that do not', () => {
  const first = { ptsUs: 0, frameNo: 98 };
  expect(
    new FrameClock([first, { ptsUs: 160_000, frameNo: 2 }, { ptsUs: 4_000_000, frameNo: 98 }], 25, 100).frameAt(40_000),
  ).toBe(99);
  expect(() => new FrameClock([first, { ptsUs: 160_000, frameNo: 3 }], 25, 100)).toThrow(
    expect.objectContaining({
      code: 'chain-out-of-step',
      message: expect.stringMatching(/shows the number 3 where its time says 2/) as string,
    }),
  );
  expect(() => new FrameClock([], 25, 100)).toThrow(expect.objectContaining({ code: 'chain-out-of-step' }));
});
