import { expect, it } from 'vitest';
import { traceOf } from './frame-spans.js';
import { FRAME_TIMES } from './testing/frame-times.js';

it('is the stages one after another, which add up to the whole', () => {
  const { whole, stages } = traceOf(FRAME_TIMES);
  expect(stages.map(({ name, startMs, endMs }) => [name, startMs, endMs])).toEqual([
    ['decode', 100, 103],
    ['preprocess', 103, 104],
    ['queue', 104, 110],
    ['infer', 110, 150],
    ['nms', 150, 153],
    ['hand-over', 153, 155],
    ['track', 155, 155.5],
    ['publish', 155.5, 156],
  ]);
  expect(whole).toEqual({
    name: 'frame',
    startMs: 100,
    endMs: 156,
    attributes: {
      'lanecast.stream.id': 'gate',
      'lanecast.pts_us': 1_000_000,
      'lanecast.epoch': 2,
      'lanecast.batch.size': 4,
    },
  });
  expect(stages[4]!.attributes).toEqual({ 'lanecast.batch.size': 4, 'lanecast.nms.own_ms': 1 });
});

it('never runs backwards', () => {
  const { stages, whole } = traceOf({ ...FRAME_TIMES, trackBeganMs: 152.9, trackedMs: 152.95, publishedMs: 152.99 });
  for (const { startMs, endMs } of stages) expect(endMs).toBeGreaterThanOrEqual(startMs);
  expect(whole.endMs).toBe(153);
});
