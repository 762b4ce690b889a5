import { describe, expect, it } from 'vitest';
import { LatencyWindow } from './latency-window.js';
import { RateMeter } from './rate-meter.js';

describe('RateMeter', () => {
  it('measures a steady rate, before and after the window has filled', () => {
    const meter = new RateMeter(5000);
    for (let t = 0; t < 2000; t += 40) meter.add(t);
    expect(meter.rate(2000)).toBeCloseTo(25, 0);
    for (let t = 2000; t < 20_000; t += 40) meter.add(t);
    expect(meter.rate(20_000)).toBeCloseTo(25, 0);
  });

  it('falls to zero when nothing comes, also after a gap far longer than the window', () => {
    const meter = new RateMeter(5000);
    for (let t = 0; t < 5000; t += 100) meter.add(t);
    expect(meter.rate(8000)).toBeLessThan(6);
    expect(meter.rate(10_500)).toBe(0);
    meter.add(3_600_000);
    expect(meter.rate(3_600_000)).toBeCloseTo(0.2, 1);
  });

  it('adds amounts', () => {
    const meter = new RateMeter(1000, 100);
    for (let t = 0; t <= 3000; t += 10) meter.add(t, 500);
    expect(meter.rate(3000)).toBeCloseTo(50_000, -4);
  });
});

describe('LatencyWindow', () => {
  it('gives nearest-rank quantiles', () => {
    const window = new LatencyWindow();
    for (let i = 1; i <= 100; i++) window.record(i);
    expect(window.summary()).toEqual({
      count: 100,
      meanMs: 50.5,
      minMs: 1,
      p50Ms: 50,
      p95Ms: 95,
      p99Ms: 99,
      maxMs: 100,
    });
  });

  it('forgets what is older than its capacity, but counts it', () => {
    const window = new LatencyWindow(10);
    for (let i = 1; i <= 100; i++) window.record(i);
    expect(window.summary()).toMatchObject({ count: 10, minMs: 91, maxMs: 100 });
    expect(window.total).toBe(100);
  });

  it('is all zero when empty', () => {
    expect(new LatencyWindow().summary()).toMatchObject({ count: 0, meanMs: 0, p99Ms: 0 });
  });
});
