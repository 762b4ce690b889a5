import { expect, test } from 'vitest';
import { boxErrors, type TruthSource } from './box-error.js';
import type { PresentedFrame } from './figures.js';

/** A vehicle of 40 x 40 that drives 10 px a frame. */
const truth: TruthSource = {
  width: 400,
  height: 200,
  truthAt: (frameNo) => ({
    vehicles: [{ id: 1, class: 'car', box: [10 * frameNo, 100, 40, 40], occlusion: 0, groundM: [0, 0], speedKmh: 50 }],
  }),
};

const frame = (
  kind: PresentedFrame['kind'],
  pixelFrameNo: number | null,
  leftPx: number,
  topPx = 100,
): PresentedFrame => ({
  stream: 'a',
  epochMs: 0,
  displayEpochMs: 0,
  rtpTimestamp: 7,
  kind,
  messageFrameNo: null,
  pixelFrameNo,
  pixelRtpTimestamp: 7,
  boxes: [{ id: 1, x: leftPx / 400, y: topPx / 200, width: 0.1, height: 0.2, measured: true }],
});

const truths = new Map([['a', truth]]);

test('measures the boxes of each kind against the frame that is in the pixels', () => {
  const errors = boxErrors(
    [frame('exact', 5, 50), frame('exact', 6, 61), frame('interpolated', 7, 73, 104), frame('predicted', 8, 60)],
    truths,
  );
  expect(errors.measured).toEqual({ frames: 2, boxes: 2, strayBoxes: 0, centrePx: { median: 0.5, p95: 0.95 } });
  expect(errors.interpolated.centrePx).toEqual({ median: 5, p95: 5 });
  expect(errors.predicted.centrePx).toEqual({ median: 20, p95: 20 });
});

test('counts boxes that lie on nothing, and leaves out what cannot be judged', () => {
  const errors = boxErrors(
    [
      frame('predicted', 8, 300),
      frame('predicted', null, 80),
      { ...frame('predicted', 8, 80), pixelRtpTimestamp: 9 },
      { ...frame('predicted', 8, 80), stream: 'b' },
    ],
    truths,
  );
  expect(errors.predicted).toEqual({ frames: 1, boxes: 0, strayBoxes: 1, centrePx: null });
  expect(errors.measured.frames).toBe(0);
});
