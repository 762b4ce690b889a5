import { describe, expect, it } from 'vitest';
import { batchSizes, calibrateMaxBatch } from './batch-calibration.js';

/** A device with a fixed cost per run and one per frame. */
const device =
  (fixedMs: number, perFrameMs: number, tried: number[] = []) =>
  (batch: number) => {
    tried.push(batch);
    return Promise.resolve(fixedMs + perFrameMs * batch);
  };

describe('calibrateMaxBatch', () => {
  it.each([
    ['two CPU cores (30 ms for 1, 51 ms for 2)', 9, 21, 8, 1],
    ['an H100 (3.1 ms for 1, 8.4 ms for 32)', 2.93, 0.171, 64, 32],
    ['an H100 with 8 streams', 2.93, 0.171, 8, 8],
    ['a small GPU', 3, 1, 64, 4],
    ['a limit that is no power of two', 10, 0.01, 6, 6],
    ['one stream', 10, 0.01, 1, 1],
  ])('%s', async (_, fixedMs, perFrameMs, limit, expected) => {
    expect(await calibrateMaxBatch({ measure: device(fixedMs, perFrameMs), limit })).toBe(expected);
  });

  it.each([
    ['a GPU on which a small size was measured badly', [3, 8, 9, 10, 12], 16],
    ['a GPU that is full at 8', [3, 4, 5, 6, 13], 8],
    ['a GPU that gains nothing', [3, 6, 12, 24, 48], 16],
  ])('takes the cheapest of all sizes where small batches stay small: %s', async (_, costsMs, expected) => {
    const measure = (batch: number) => Promise.resolve(costsMs[Math.log2(batch)]!);
    expect(await calibrateMaxBatch({ measure, limit: 16, sized: true })).toBe(expected);
  });

  it('stops trying where it stops paying', async () => {
    const tried: number[] = [];
    await calibrateMaxBatch({ measure: device(1, 45, tried), limit: 64, repeats: 2 });
    expect(tried).toEqual([1, 1, 1, 2, 2, 2]);
  });

  it('takes the fastest of its runs, after one to warm up', async () => {
    // Batches of 1: 99 (warm-up), 50, 10, 80. Batches of 2: 99, 14, 90, 90: 7 ms a frame pays.
    const script = [99, 50, 10, 80, 99, 14, 90, 90];
    expect(await calibrateMaxBatch({ measure: () => Promise.resolve(script.shift()!), limit: 2 })).toBe(2);
  });

  it('passes on a measurement that fails', async () => {
    const measure = () => Promise.reject(new Error('no memory'));
    await expect(calibrateMaxBatch({ measure, limit: 4 })).rejects.toThrow('no memory');
  });
});

describe('batchSizes', () => {
  it.each([
    [1, true, [1]],
    [3, true, [1, 2, 3]],
    [1, false, [1]],
    [8, false, [1, 2, 4, 8]],
    [12, false, [1, 2, 4, 8, 12]],
  ])('up to %i, exact: %s', (maxBatch, exact, sizes) => expect(batchSizes(maxBatch, exact)).toEqual(sizes));
});
