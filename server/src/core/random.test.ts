import { expect, it } from 'vitest';
import { normal, seededRandom } from './random.js';

it('repeats itself for a seed, and only for that', () => {
  const take = (seed: number): number[] => {
    const random = seededRandom(seed);
    return Array.from({ length: 5 }, random);
  };
  expect(take(1)).toEqual(take(1));
  expect(take(1)).not.toEqual(take(2));
});

it('is uniform over [0, 1) and normal with unit variance', () => {
  const random = seededRandom(3);
  const bins = new Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i++) bins[Math.floor(random() * 10)]!++;
  for (const count of bins) expect(Math.abs(count - 10_000)).toBeLessThan(400);

  const deviates = Array.from({ length: 100_000 }, () => normal(random));
  const mean = deviates.reduce((sum, x) => sum + x, 0) / deviates.length;
  const variance = deviates.reduce((sum, x) => sum + (x - mean) ** 2, 0) / deviates.length;
  expect(mean).toBeCloseTo(0, 1);
  expect(variance).toBeCloseTo(1, 1);
});
