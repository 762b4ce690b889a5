import type { ClockOffset } from '../connection/clock-offset.js';
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

/** Watches all presented frames for a while. */
export async function measureGlass(clock: ClockOffset, durationMs: number): Promise<GlassResult> {
  const reader = new FrameNumberReader();
  const samples: GlassSample[] = [];
  const stop = frameProbe.listen(({ video, metadata, match }) => {
    if (match.kind !== 'exact' || !match.byTimestamp || !match.message) return;
    const { arrivedAtEpochMs, frameNo } = match.message;
    const { offsetMs } = clock;
    const shownEpochMs = performance.timeOrigin + metadata.expectedDisplayTime;
    const shown = reader.read(video);
    // The video may show the next frame by now: its number says nothing about this one.
    const same = shown.rtpTimestamp === metadata.rtpTimestamp;
    samples.push({
      latencyMs: arrivedAtEpochMs === null || offsetMs === null ? null : shownEpochMs + offsetMs - arrivedAtEpochMs,
      pixelFrameNo: same ? shown.frameNo : null,
      messageFrameNo: frameNo,
    });
  });
  await new Promise((resolve) => setTimeout(resolve, durationMs));
  stop();
  return summarise(samples, clock.uncertaintyMs ?? NaN);
}
