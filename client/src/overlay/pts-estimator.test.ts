import { describe, expect, it } from 'vitest';
import { PtsEstimator } from './pts-estimator.js';

const known = (frame: number) => ({ rtpTimestamp: (450_000 + frame * 3600) >>> 0, ptsUs: 5_000_000 + frame * 40_000 });
const ptsOf = (frame: number): number => known(frame).ptsUs;

describe('by the frame that the receiver last gave away', () => {
  const observe = (estimator: PtsEstimator, given: number, givenLateMs: number, newest: number): number =>
    estimator.observe(
      {
        mediaTimeS: 99,
        presentedAtMs: 1000,
        played: { rtpTimestamp: known(given).rtpTimestamp, atMs: 1000 + givenLateMs },
      },
      known(newest),
    );

  it('is that frame, whatever message is the newest', () => {
    const estimator = new PtsEstimator();
    expect(observe(estimator, 10, -1, 12)).toBeCloseTo(ptsOf(10));
    expect(observe(estimator, 11, -1, 9)).toBeCloseTo(ptsOf(11));
  });

  it('is the frame before, if it was given away after the presentation', () => {
    const estimator = new PtsEstimator();
    observe(estimator, 10, -1, 12);
    observe(estimator, 12, -1, 12);
    observe(estimator, 13, -1, 12);
    expect(observe(estimator, 15, 4, 12)).toBeCloseTo(ptsOf(14));
  });

  it('lives through the wrap of RTP timestamps', () => {
    const newest = { rtpTimestamp: 1800, ptsUs: 80_000_000_000 };
    const played = { rtpTimestamp: 2 ** 32 - 1800, atMs: 0 };
    const estimate = new PtsEstimator().observe({ mediaTimeS: 0, presentedAtMs: 1, played }, newest);
    expect(estimate).toBeCloseTo(80_000_000_000 - 40_000);
  });
});

describe('by media time, where nothing better is told', () => {
  const observe = (estimator: PtsEstimator, mediaTimeS: number, newestPtsUs: number): number =>
    estimator.observe({ mediaTimeS, presentedAtMs: 0, played: null }, { rtpTimestamp: 0, ptsUs: newestPtsUs });

  it('follows the frames at a constant distance, whatever single messages do', () => {
    const estimator = new PtsEstimator(5);
    let estimate = 0;
    for (let frame = 0; frame < 20; frame++) {
      const late = frame % 4 === 3 ? 120_000 : 0;
      estimate = observe(estimator, frame * 0.04, 5_000_000 + frame * 40_000 - late);
    }
    expect(estimate).toBeCloseTo(5_000_000 + 19 * 40_000);
  });

  it('begins anew after a reset', () => {
    const estimator = new PtsEstimator();
    observe(estimator, 0, 1_000_000);
    estimator.reset();
    expect(observe(estimator, 0, 9_000_000)).toBe(9_000_000);
  });
});
