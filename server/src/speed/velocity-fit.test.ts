import { describe, expect, it } from 'vitest';
import { normal, seededRandom } from '../core/random.js';
import type { Matrix2 } from '../core/matrix2.js';
import { fitVelocity, noiseSigmas, type GroundSample } from './velocity-fit.js';

const ONE: Matrix2 = [1, 0, 0, 1];

const line = (count: number, stepUs: number, originUs = 0): GroundSample[] =>
  Array.from({ length: count }, (_, i) => {
    const t = (i * stepUs) / 1e6;
    return { ptsUs: originUs + i * stepUs, xM: 3 + 12 * t, yM: -7 - 5 * t, pxPerM: ONE };
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
    const samples = [0, 2, 1].map((xM, i) => ({ ptsUs: i * 1e6, xM, yM: 0, pxPerM: ONE }));
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
        return { ptsUs: i * 40_000, xM, yM, pxPerM: ONE };
      });
      const fit = fitVelocity(samples)!;
      squares += (fit.vxMps ** 2 + fit.vyMps ** 2) / 2;
      claims += fit.sigmaMps ** 2;
      if (fit.sigmasFromRest > noiseSigmas(fit.freedom, 0.01)) feigned++;
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

describe('fitVelocity of vehicles that brake', () => {
  /** Errors of 5 cm. From 15 m/s, at a constant rate. */
  const brakingRun = (random: () => number, brakeMps2: number, sigmaM = 0.05): GroundSample[] =>
    Array.from({ length: 38 }, (_, i) => {
      const t = i * 0.04;
      const way = 15 * t - (brakeMps2 * t * t) / 2;
      const [xM, yM] = [0.8 * way + sigmaM * normal(random), 0.6 * way + sigmaM * normal(random)];
      return { ptsUs: i * 40_000, xM, yM, pxPerM: ONE };
    });
  const errors = (brakeMps2: number, sigmaM?: number) => {
    const random = seededRandom(8);
    const endMps = 15 - brakeMps2 * 1.48;
    let sum = 0;
    let squares = 0;
    for (let trial = 0; trial < 500; trial++) {
      const { vxMps, vyMps } = fitVelocity(brakingRun(random, brakeMps2, sigmaM))!;
      const error = Math.hypot(vxMps, vyMps) - endMps;
      sum += error;
      squares += error ** 2;
    }
    return { bias: sum / 500, rms: Math.sqrt(squares / 500) };
  };

  it('says how fast they are now, not half a window ago', () => {
    // A straight line would be 0.74 s late: 2.2 m/s.
    expect(errors(3).bias).toBeLessThan(0.35);
    expect(errors(3, 0.001).bias).toBeLessThan(0.01);
  });

  it('stays as calm as a straight line for those that do not', () => {
    // The slope of a line through 38 samples: sigma sqrt(12 / 38) / 1.52 s.
    expect(errors(0).rms).toBeLessThan((1.5 * 0.05 * Math.sqrt(12 / 38)) / 1.52);
    expect(Math.abs(errors(0).bias)).toBeLessThan(0.01);
  });

  it('believes no acceleration that is far less certain than what vehicles do', () => {
    // Errors of a metre: the parabola's acceleration is uncertain by 6 m/s^2.
    expect(errors(0, 1).rms).toBeLessThan((1.15 * Math.sqrt(12 / 38)) / 1.52);
  });
});

describe('fitVelocity in perspective', () => {
  /** Seen from a height of 8 m, 1000 px focal length: x = 1000 X / Z, y = 8000 / Z; a car that comes closer. */
  const Z0 = 90;
  const project = (x: number, y: number): [number, number] => [(8 * x) / y, 8000 / y];
  const pxPerM = (x: number, y: number): Matrix2 => {
    const [groundX, z] = project(x, y);
    return [1000 / z, (-1000 * groundX) / (z * z), 0, -8000 / (z * z)];
  };

  function noisyRun(random: () => number, weigh: boolean, drivesAcross = false): GroundSample[] {
    return Array.from({ length: 26 }, (_, i) => {
      const t = i * 0.04;
      const z = drivesAcross ? 60 : Z0 - 30 * t;
      const xTrue = (1000 * (3 + (drivesAcross ? 10 * t : 0))) / z;
      const x = xTrue + normal(random);
      const y = 8000 / z + normal(random);
      const [xM, yM] = project(x, y);
      return { ptsUs: i * 40_000, xM, yM, pxPerM: weigh ? pxPerM(x, y) : ONE };
    });
  }

  it('is exact without noise, whatever the weights are', () => {
    const samples = noisyRun(() => 0, true); // Box-Muller of 0 is 0
    const fit = fitVelocity(samples)!;
    expect(fit.vxMps).toBeCloseTo(0, 9);
    expect(fit.vyMps).toBeCloseTo(-30, 9);
  });

  it('has errors of the size that it claims, and smaller ones than without weights', () => {
    const spread = (weigh: boolean): { actual: number; claimed: number } => {
      const random = seededRandom(3);
      let squares = 0;
      let claims = 0;
      for (let trial = 0; trial < 1000; trial++) {
        const fit = fitVelocity(noisyRun(random, weigh))!;
        squares += (Math.hypot(fit.vxMps, fit.vyMps) - 30) ** 2;
        claims += fit.sigmaMps ** 2;
      }
      return { actual: Math.sqrt(squares / 1000), claimed: Math.sqrt(claims / 1000) };
    };
    const weighted = spread(true);
    const plain = spread(false);
    expect(weighted.actual).toBeLessThan(0.97 * plain.actual);
    expect(weighted.claimed / weighted.actual).toBeGreaterThan(0.9);
    expect(weighted.claimed / weighted.actual).toBeLessThan(1.2);
    // Pooling both directions hides most of the error along the line of sight.
    expect(plain.claimed / plain.actual).toBeLessThan(0.8);
  });

  it('knows a speed across the line of sight far better than one along it', () => {
    const random = seededRandom(4);
    const across = fitVelocity(noisyRun(random, true, true))!;
    expect(Math.hypot(across.vxMps, across.vyMps)).toBeCloseTo(10, 0);
    expect(across.widestSigmaMps).toBeGreaterThan(5 * across.sigmaMps);
  });
});

describe('noiseSigmas', () => {
  it('approaches the Rayleigh quantile with many samples and is wider with few', () => {
    expect(noiseSigmas(1e6, 0.01)).toBeCloseTo(Math.sqrt(-2 * Math.log(0.01)), 3);
    expect(noiseSigmas(6, 0.01)).toBeCloseTo(4.67, 2);
  });
});
