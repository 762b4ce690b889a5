import type { FrameTimes } from '../../../pipeline/stage-timings.js';

/** A frame that took 56 ms, in a batch of four. */
export const FRAME_TIMES: FrameTimes = {
  stream: 'gate',
  header: { ptsUs: 1_000_000, epoch: 2, receivedAtMs: 100, decodedAtMs: 103, writtenAtMs: 104 },
  detection: { queueMs: 6, inferMs: 40, nmsMs: 1, batchSize: 4, doneAtMs: 153 },
  trackBeganMs: 155,
  trackedMs: 155.5,
  publishedMs: 156,
};
