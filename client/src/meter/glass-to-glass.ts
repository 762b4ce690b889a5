import type { ClockOffset } from '../connection/clock-offset.js';
import type { FrameMessage } from '../overlay/frame-message.js';
import { frameProbe } from '../overlay/frame-probe.js';
import { FrameNumberReader } from './frame-number-reader.js';

/** One presented frame, as far as the meter cares. */
export interface GlassSample {
  latencyMs: number | null;
  /** In the pixels, and in the server's message for this frame. */
  pixelFrameNo: number | null;
  messageFrameNo: number | null;
}

export interface GlassResult {
  /** Frames whose latency is known. */
  frames: number;
  p50Ms: number;
  p95Ms: number;
  /** How far the two clocks may be apart unnoticed. */
  clockMs: number;
  /** Frames with a number in their pixels; with one in their message too; where both are the same. */
  numbered: number;
  proven: number;
  agreeing: number;
}

/** Sums up samples; `clockMs` as in the result. */
export function summarise(samples: readonly GlassSample[], clockMs: number): GlassResult {
  const sorted = samples.flatMap(({ latencyMs }) => (latencyMs === null ? [] : [latencyMs])).sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
  const numbered = samples.filter(({ pixelFrameNo }) => pixelFrameNo !== null);
  const proven = numbered.filter(({ messageFrameNo }) => messageFrameNo !== null);
  return {
    frames: sorted.length,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    clockMs,
    numbered: numbered.length,
    proven: proven.length,
    agreeing: proven.filter(({ pixelFrameNo, messageFrameNo }) => pixelFrameNo === messageFrameNo).length,
  };
}

/** Messages that come after their frame was shown are waited for so long. */
const LATE_MS = 700;

/** Watches all presented frames for a while. `find` gives the message of a stream's frame, if it has come. */
export async function measureGlass(
  clock: ClockOffset,
  find: (stream: string, rtpTimestamp: number) => FrameMessage | null,
  durationMs: number,
): Promise<GlassResult> {
  const reader = new FrameNumberReader();
  const shownFrames: { stream: string; rtpTimestamp: number; shownEpochMs: number; pixelFrameNo: number | null }[] = [];
  const stop = frameProbe.listen(({ stream, video, metadata }) => {
    const { rtpTimestamp, expectedDisplayTime } = metadata;
    if (rtpTimestamp === undefined) return;
    const shown = reader.read(video);
    // The video may show the next frame by now: its number says nothing about this one.
    const pixelFrameNo = shown.rtpTimestamp === rtpTimestamp ? shown.frameNo : null;
    shownFrames.push({
      stream,
      rtpTimestamp,
      shownEpochMs: performance.timeOrigin + expectedDisplayTime,
      pixelFrameNo,
    });
  });
  await new Promise((resolve) => setTimeout(resolve, durationMs));
  stop();
  await new Promise((resolve) => setTimeout(resolve, LATE_MS));
  const samples = shownFrames.map(({ stream, rtpTimestamp, shownEpochMs, pixelFrameNo }): GlassSample => {
    const message = find(stream, rtpTimestamp);
    const arrived = message?.arrivedAtEpochMs ?? null;
    const latencyMs = arrived === null || clock.offsetMs === null ? null : shownEpochMs + clock.offsetMs - arrived;
    return { latencyMs, pixelFrameNo, messageFrameNo: message?.frameNo ?? null };
  });
  return summarise(samples, clock.uncertaintyMs ?? NaN);
}
