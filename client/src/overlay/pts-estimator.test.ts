import { expect, it } from 'vitest';
import { PtsEstimator } from './pts-estimator.js';

it('follows the frames at a constant distance, whatever single messages do', () => {
  const estimator = new PtsEstimator(5);
  let estimate = 0;
  for (let frame = 0; frame < 20; frame++) {
    const late = frame % 4 === 3 ? 120_000 : 0;
    estimate = estimator.observe(frame * 0.04, 5_000_000 + frame * 40_000 - late);
  }
  expect(estimate).toBeCloseTo(5_000_000 + 19 * 40_000);
});

it('begins anew after a reset', () => {
  const estimator = new PtsEstimator();
  estimator.observe(0, 1_000_000);
  estimator.reset();
  expect(estimator.observe(0, 9_000_000)).toBe(9_000_000);
});
