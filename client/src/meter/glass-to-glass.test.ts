import { expect, it } from 'vitest';
import { summarise } from './glass-to-glass.js';

it('sums up latencies and the agreement of frame numbers', () => {
  const samples = Array.from({ length: 100 }, (_, i) => ({
    latencyMs: i + 1,
    pixelFrameNo: i % 2 ? i : null,
    messageFrameNo: i === 7 ? 8 : i,
  }));
  expect(summarise(samples, 0.4)).toEqual({
    frames: 100,
    p50Ms: 51,
    p95Ms: 96,
    clockMs: 0.4,
    numbered: 50,
    proven: 50,
    agreeing: 49,
  });
});

it('counts frames without a time or a number apart', () => {
  const result = summarise([{ latencyMs: null, pixelFrameNo: 3, messageFrameNo: null }], 1);
  expect(result).toMatchObject({ frames: 0, numbered: 1, proven: 0, agreeing: 0 });
});
