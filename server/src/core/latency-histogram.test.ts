import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LATENCY_BOUNDS_MS, LatencyHistogram } from './latency-histogram.js';

describe('LatencyHistogram', () => {
  it('counts what is not above a bound, as Prometheus does', () => {
    const histogram = new LatencyHistogram([1, 10]);
    for (const valueMs of [0, 1, 1.001, 10, 11, 1e9]) histogram.record(valueMs);
    expect(histogram.counts().cumulative).toEqual([2, 4, 6]);
    expect(histogram.counts().sumMs).toBeCloseTo(1_000_000_023.001, 3);
  });

  it('agrees with counting by hand', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 10_000, noNaN: true })), (values) => {
        const histogram = new LatencyHistogram();
        for (const value of values) histogram.record(value);
        const { cumulative } = histogram.counts();
        LATENCY_BOUNDS_MS.forEach((bound, i) => expect(cumulative[i]).toBe(values.filter((v) => v <= bound).length));
        expect(cumulative.at(-1)).toBe(values.length);
      }),
    );
  });
});
