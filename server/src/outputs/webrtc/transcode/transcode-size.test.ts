import { expect, it } from 'vitest';
import { MAX_TRANSCODE_PIXELS, maxBitRate, transcodeSize } from './transcode-size.js';

it('keeps what is small, with even sides', () => {
  expect(transcodeSize({ width: 640, height: 360 })).toEqual({ width: 640, height: 360 });
  expect(transcodeSize({ width: 641, height: 361 })).toEqual({ width: 640, height: 360 });
  expect(transcodeSize({ width: 1280, height: 720 })).toEqual({ width: 1280, height: 720 });
});

it.each([
  [3840, 2160],
  [1920, 1080],
  [1080, 1920],
  [2592, 1944],
])('makes %i x %i as large as 720p, and keeps its shape', (width, height) => {
  const size = transcodeSize({ width, height });
  expect(size.width * size.height).toBeLessThanOrEqual(MAX_TRANSCODE_PIXELS);
  expect(size.width * size.height).toBeGreaterThan(0.97 * MAX_TRANSCODE_PIXELS);
  expect(size.width / size.height / (width / height)).toBeCloseTo(1, 2);
});

it('bounds the bit rate on both sides', () => {
  expect(maxBitRate({ width: 320, height: 180 }, 5)).toBe(500_000);
  expect(maxBitRate({ width: 1280, height: 720 }, 60)).toBe(5_000_000);
  expect(maxBitRate({ width: 1280, height: 720 }, 25)).toBe(3_456_000);
});
