import { describe, expect, it } from 'vitest';
import { normal, seededRandom } from '@lanecast/server/core/random';
import { fitSlope, median, type Sample, studentT975 } from './slope.js';

/** Samples every 5 s: noise that lasts (first-order autoregression of `memory`) upon a line. */
function walk(seed: number, perHour: number, { hours = 1, memory = 0.9, sigma = 3 } = {}): Sample[] {
  const random = seededRandom(seed);
  let noise = 0;
  return Array.from({ length: hours * 720 }, (_, i) => {
    noise = memory * noise + Math.sqrt(1 - memory * memory) * sigma * normal(random);
    return { timeS: 5 * i, value: 300 + (perHour * 5 * i) / 3600 + noise };
  });
}

describe('fitSlope', () => {
  it('finds a line that is one', () => {
    const fit = fitSlope(walk(1, 7, { sigma: 0 }), 120)!;
    expect(fit.slopePerHour).toBeCloseTo(7, 6);
    expect(fit.upperPerHour).toBeCloseTo(7, 6);
    expect(fit.blocks).toHaveLength(30);
  });

  it('holds the true slope within its interval nearly as often as it says, although samples depend on another', () => {
    let held = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const fit = fitSlope(walk(seed, 2, { memory: 0.95 }), 120)!;
      if (fit.lowerPerHour <= 2 && 2 <= fit.upperPerHour) held++;
    }
    expect(held).toBeGreaterThanOrEqual(180);
  });

  it('tells a leak of 20 MB an hour from none', () => {
    for (let seed = 1; seed <= 20; seed++) {
      expect(fitSlope(walk(seed, 0, { sigma: 2 }), 120)!.upperPerHour).toBeLessThan(5);
      expect(fitSlope(walk(seed, 20, { sigma: 2 }), 120)!.lowerPerHour).toBeGreaterThan(5);
    }
  });

  it('is not moved by spikes', () => {
    const samples = walk(3, 0).map((sample, i) => (i % 40 === 7 && i > 400 ? { ...sample, value: 900 } : sample));
    expect(Math.abs(fitSlope(samples, 120)!.slopePerHour)).toBeLessThan(3);
  });

  it('leaves out what is no full block, and says nothing of too few', () => {
    expect(fitSlope(walk(1, 0).slice(0, 24 * 8 + 5), 120)!.blocks).toHaveLength(8);
    expect(fitSlope(walk(1, 0).slice(0, 24 * 8 - 5), 120)).toBeNull();
    expect(fitSlope([], 120)).toBeNull();
  });
});

it('median', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
});

it.each([
  [3, 3.182],
  [6, 2.447],
  [10, 2.228],
  [28, 2.048],
  [1e9, 1.96],
])('t of %i degrees is %f', (degrees, expected) => {
  expect(studentT975(degrees)).toBeGreaterThan(expected * 0.99);
  expect(studentT975(degrees)).toBeLessThan(expected * 1.01);
});
