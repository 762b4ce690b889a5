import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff.js';

describe('Backoff', () => {
  it('doubles up to the longest wait', () => {
    const backoff = new Backoff({ firstMs: 400, longestMs: 3000 }, () => 1);
    expect([1, 2, 3, 4, 5].map(() => backoff.next())).toEqual([400, 800, 1600, 3000, 3000]);
  });

  it('leaves half of each wait to chance', () => {
    expect(new Backoff({ firstMs: 400 }, () => 0).next()).toBe(200);
    expect(new Backoff({ firstMs: 400 }, () => 0.5).next()).toBe(300);
  });

  it('begins anew after a connection that held, not after one that broke at once', () => {
    const backoff = new Backoff({ firstMs: 100, stableAfterMs: 10_000 }, () => 1);
    backoff.next();
    backoff.next();
    expect(backoff.next(500)).toBe(400);
    expect(backoff.next(60_000)).toBe(100);
  });

  it('never overflows', () => {
    const backoff = new Backoff({}, () => 1);
    for (let i = 0; i < 5000; i++) expect(backoff.next()).toBeLessThanOrEqual(8000);
  });
});
