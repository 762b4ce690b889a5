import { expect, test } from 'vitest';
import { leftAt, overlayFigures, percentiles, type PresentedFrame } from './figures.js';

const frame = (fields: Partial<PresentedFrame>): PresentedFrame => ({
  stream: 'a',
  epochMs: 1050,
  displayEpochMs: 1060,
  rtpTimestamp: 7,
  kind: 'exact',
  messageFrameNo: 3,
  pixelFrameNo: 3,
  pixelRtpTimestamp: 7,
  boxes: [],
  ...fields,
});
const stamps = new Map([['a', [[], [], [], [100, 1000, 1900]]]]);

test('percentiles are nearest ranks', () => {
  expect(percentiles([])).toBeNull();
  expect(percentiles([3, 1, 2])).toEqual({ p50: 2, p95: 3 });
});

test('a frame left when it did so nearest to its being shown', () => {
  expect(leftAt(stamps.get('a'), 3, 1050)).toBe(1000);
  expect(leftAt(stamps.get('a'), 3, 990)).toBe(1000);
  expect(leftAt(stamps.get('a'), 2, 990)).toBeNull();
  expect(leftAt(undefined, 3, 50)).toBeNull();
});

test('only measured frames with readable pixels of their own prove exactness', () => {
  const figures = overlayFigures(
    [
      frame({}),
      frame({ messageFrameNo: 4 }),
      frame({ kind: 'predicted', messageFrameNo: null }),
      frame({ pixelRtpTimestamp: 8, messageFrameNo: 4 }),
    ],
    stamps,
  );
  expect(figures).toMatchObject({ overlayFrames: 4, provenFrames: 2, wrongFrames: 1, overlayExactPct: 50 });
  expect(figures.measuredPct).toBe(75);
  expect(figures.latencyMs).toEqual({ p50: 60, p95: 60 });
  expect(figures.callbackMs).toEqual({ p50: 50, p95: 50 });
});
