import { describe, expect, it } from 'vitest';
import { measure, summarise } from './timing.js';

/** A clock that `once` moves on by the next of `stepsMs`. */
function clock(stepsMs: number[]) {
  let now = 0;
  return { nowMs: () => now, once: () => void (now += stepsMs.shift()!) };
}

describe('measure', () => {
  it('leaves out the first two calls', () => {
    const { once, nowMs } = clock([500, 400, 1, 3, 2]);
    expect(measure(once, { runs: 3, budgetMs: 1000 }, nowMs)).toEqual({ p50Ms: 2, p99Ms: 3, runs: 3 });
  });

  it('stops when its time is up', () => {
    const { once, nowMs } = clock([9, 9, 10, 10, 10, 10]);
    expect(measure(once, { runs: 100, budgetMs: 25 }, nowMs).runs).toBe(3);
  });

  it('takes the only call there is time for', () => {
    const { once, nowMs } = clock([70]);
    expect(measure(once, { runs: 100, budgetMs: 60 }, nowMs)).toEqual({ p50Ms: 70, p99Ms: 70, runs: 1 });
  });

  it('takes the milliseconds that a call says it took', () => {
    const { nowMs } = clock([]);
    expect(measure(() => 7, { runs: 2, budgetMs: 1 }, nowMs).p50Ms).toBe(7);
  });
});

it('takes quantiles by nearest rank', () => {
  const samples = Array.from({ length: 200 }, (_, i) => 200 - i);
  expect(summarise(samples)).toEqual({ p50Ms: 100, p99Ms: 198, runs: 200 });
});
