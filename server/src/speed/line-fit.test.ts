import { describe, expect, it } from 'vitest';
import { normal, seededRandom } from '../core/random.js';
import { fitVelocity, noiseSpeedMps, type GroundSample } from './line-fit.js';

const line = (count: number, stepUs: number, originUs = 0): GroundSample[] =>
  Array.from({ length: count }, (_, i) => {
    const t = (i * stepUs) / 1e6;
    return { ptsUs: originUs + i * stepUs, xM: 3 + 12 * t, yM: -7 - 5 * t };
  });

describe('fitVelocity', () => {
  it('is exact on a line, with no uncertainty', () => {
    const fit = fitVelocity(line(25, 40_000))!;
    expect(fit.vxMps).toBeCloseTo(12, 10);
    expect(fit.vyMps).toBeCloseTo(-5, 10);
    expect(fit.sigmaMps).toBeLessThan(1e-10);
    expect(fit.freedom).toBe(46);
  });

  it('is as exact after a year of timestamps', () => {
    expect(fitVelocity(line(25, 40_000, 365 * 86_400 * 1e6))!.vxMps).toBeCloseTo(12, 10);
  });

  it('needs three samples and some time', () => {
    expect(fitVelocity(line(2, 40_000))).toBeNull();
    expect(fitVelocity(line(5, 0))).toBeNull();
  });

  it('agrees with a fit worked by hand', () => {
    // t = 0, 1, 2 s and x = 0, 2, 1 m: slope 1/2, residuals -1/2, 1, -1/2, so 1.5 over 2 degrees of freedom,
    // and sum (t - mean)^2 = 2. The residuals alternate: no widening.
    const samples = [0, 2, 1].map((xM, i) => ({ ptsUs: i * 1e6, xM, yM: 0 }));
    const fit = fitVelocity(samples)!;
    expect(fit.vxMps).toBeCloseTo(0.5, 12);
    expect(fit.vyMps).toBe(0);
    expect(fit.sigmaMps).toBeCloseTo(Math.sqrt(1.5 / 2 / 2), 12);
  });

  /** Root mean square error of a component, and the mean sigma that was claimed, over many noisy standing objects. */
  function scatter(correlation: number): { actual: number; claimed: number; feigned: number } {
    const random = seededRandom(11);
    const trials = 2000;
    let squares = 0;
    let claims = 0;
    let feigned = 0;
    for (let trial = 0; trial < trials; trial++) {
      const step = (last: number): number =>
        correlation * last + Math.sqrt(1 - correlation ** 2) * 0.1 * normal(random);
      let xM = 0.1 * normal(random);
      let yM = 0.1 * normal(random);
      const samples = Array.from({ length: 25 }, (_, i) => {
        xM = step(xM);
        yM = step(yM);
        return { ptsUs: i * 40_000, xM, yM };
      });
      const fit = fitVelocity(samples)!;
      squares += (fit.vxMps ** 2 + fit.vyMps ** 2) / 2;
      claims += fit.sigmaMps ** 2;
      if (Math.hypot(fit.vxMps, fit.vyMps) > noiseSpeedMps(fit, 0.01)) feigned++;
    }
    return { actual: Math.sqrt(squares / trials), claimed: Math.sqrt(claims / trials), feigned: feigned / trials };
  }

  it('claims the scatter that it has, for independent errors', () => {
    const { actual, claimed, feigned } = scatter(0);
    expect(claimed / actual).toBeGreaterThan(0.95);
    expect(claimed / actual).toBeLessThan(1.2);
    expect(feigned).toBeLessThan(0.015);
  });

  it('claims at least three quarters of it for errors that resemble each other', () => {
    const { actual, claimed, feigned } = scatter(0.6);
    expect(claimed / actual).toBeGreaterThan(0.75);
    expect(claimed / actual).toBeLessThan(1.2);
    expect(feigned).toBeLessThan(0.1);
  });
});

describe('noiseSpeedMps', () => {
  it('approaches the Rayleigh quantile with many samples and is wider with few', () => {
    const fit = { vxMps: 0, vyMps: 0, sigmaMps: 1, freedom: 1e6 };
    expect(noiseSpeedMps(fit, 0.01)).toBeCloseTo(Math.sqrt(-2 * Math.log(0.01)), 3);
    expect(noiseSpeedMps({ ...fit, freedom: 6 }, 0.01)).toBeCloseTo(4.67, 2);
  });
});
