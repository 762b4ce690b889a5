import type { ServerStats, StreamInfo } from '../state/server-types.js';

/** The figures of one poll as columns of a History. */
export function sample(stats: ServerStats, streams: readonly StreamInfo[]): Record<string, number | null> {
  const values: Record<string, number | null> = {
    detections: stats.consumerFps,
    decoded: sum(streams.map(({ rates }) => rates.decodedFps)),
    bitrate: sum(streams.map(({ rates }) => rates.bitrateKbps)) / 1000,
    mjpegViewers: stats.outputs?.mjpeg?.clients ?? null,
    webrtcViewers: stats.outputs?.webrtc?.viewers ?? stats.outputs?.webrtc?.peers ?? null,
    eventLoop: stats.process.eventLoopDelayP99Ms,
    rss: stats.process.rssBytes / 2 ** 20,
  };
  for (const [stage, summary] of Object.entries(stats.stages)) {
    values[`${stage}.p50`] = summary.count > 0 ? summary.p50Ms : null;
    values[`${stage}.p99`] = summary.count > 0 ? summary.p99Ms : null;
  }
  return values;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
