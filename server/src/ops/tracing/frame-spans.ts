import type { FrameTimes } from '../../pipeline/stage-timings.js';

export type SpanAttributes = Readonly<Record<string, string | number>>;

/** A stretch of a frame's way, monotonic milliseconds. */
export interface FrameSpan {
  name: string;
  startMs: number;
  endMs: number;
  attributes?: SpanAttributes;
}

/** One frame's way from its last packet to its listeners, and the stages that it is made of, without gaps. */
export interface FrameTrace {
  whole: FrameSpan & { attributes: SpanAttributes };
  stages: FrameSpan[];
}

/**
 * Makes a trace of the times that the pipeline keeps. `nms` lasts until the whole batch is suppressed, since the batch goes
 * on as one; what of it was this frame's own is an attribute. `hand-over` is the way from the detector's thread. Pure.
 */
export function traceOf(times: FrameTimes): FrameTrace {
  const { stream, header, detection, trackBeganMs, trackedMs, publishedMs } = times;
  const { batchSize, doneAtMs, inferMs, nmsMs, queueMs } = detection;
  const inferBeganMs = header.writtenAtMs + queueMs;
  const inferredMs = inferBeganMs + inferMs;
  const batch = { 'lanecast.batch.size': batchSize };
  const ends: [name: string, endMs: number, attributes?: SpanAttributes][] = [
    ['decode', header.decodedAtMs],
    ['preprocess', header.writtenAtMs],
    ['queue', inferBeganMs],
    ['infer', inferredMs, batch],
    ['nms', doneAtMs, { ...batch, 'lanecast.nms.own_ms': nmsMs }],
    ['hand-over', trackBeganMs],
    ['track', trackedMs],
    ['publish', publishedMs],
  ];
  let beganMs = header.receivedAtMs;
  const stages = ends.map(([name, givenMs, attributes]): FrameSpan => {
    const startMs = beganMs;
    // The clock's last digits differ between threads.
    const endMs = Math.max(startMs, givenMs);
    beganMs = endMs;
    return { name, startMs, endMs, ...(attributes && { attributes }) };
  });
  const attributes = {
    'lanecast.stream.id': stream,
    'lanecast.pts_us': header.ptsUs,
    'lanecast.epoch': header.epoch,
    ...batch,
  };
  return { whole: { name: 'frame', startMs: header.receivedAtMs, endMs: beganMs, attributes }, stages };
}
