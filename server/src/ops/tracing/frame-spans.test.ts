import { expect, it } from 'vitest';
import type { FrameTimes } from '../../pipeline/stage-timings.js';
import { traceOf } from './frame-spans.js';

const times: FrameTimes = {
  stream: 'gate',
  header: { ptsUs: 1_000_000, epoch: 2, receivedAtMs: 100, decodedAtMs: 103, writtenAtMs: 104 },
  detection: { queueMs: 6, inferMs: 40, nmsMs: 1, batchSize: 4, doneAtMs: 153 },
  trackBeganMs: 155,
  trackedMs: 155.5,
  publishedMs: 156,
};

it('is the stages one after another, which add up to the whole', () => {
  const { whole, stages } = traceOf(times);
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
  const { stages, whole } = traceOf({ ...times, trackBeganMs: 152.9, trackedMs: 152.95, publishedMs: 152.99 });
  for (const { startMs, endMs } of stages) expect(endMs).toBeGreaterThanOrEqual(startMs);
  expect(whole.endMs).toBe(153);
});
