import type { MeasuredFrame } from '@lanecast/server/core/measured-frame';
import type { Machine } from '../machine.js';
import type { BoxErrors } from './box-error.js';
import type { Stamps } from './stamped-source-process.js';

/** What the bench needs of a frame that the dashboard presented. */
export interface PresentedFrame extends Pick<
  MeasuredFrame,
  'stream' | 'epochMs' | 'rtpTimestamp' | 'kind' | 'messageFrameNo' | 'pixelFrameNo' | 'pixelRtpTimestamp' | 'boxes'
> {
  /** Wall clock at which the browser expected it on the screen. */
  displayEpochMs: number;
}

export interface Percentiles {
  p50: number;
  p95: number;
}

export interface OverlayFigures {
  /** Presented frames in all. */
  overlayFrames: number;
  /** Of these, with a readable number in the pixels of that very frame and a measured message with the server's number. */
  provenFrames: number;
  wrongFrames: number;
  overlayExactPct: number | null;
  /** Presented frames whose boxes were measured on them. */
  measuredPct: number;
  kinds: Record<string, number>;
  /** Source to screen; of frames with a readable number. */
  latencyMs: Percentiles | null;
  /** The same to the time of the frame's callback, the start of the browser's own frame: a lower bound. */
  callbackMs: Percentiles | null;
}

/** What `bench:latency` writes. */
export interface LatencyReport extends OverlayFigures {
  bench: 'latency';
  date: string;
  machine: Machine;
  loadAverage: { before: number; after: number };
  browser: string;
  publisher: string;
  streams: number;
  mode: 'smooth' | 'fastest';
  lossPercent: number;
  detectionDelayMs: number;
  /** How long the server held the video back for its detections while frames were measured, the median; null: not told. */
  holdMs: number | null;
  /** Against the truth of the clips. */
  boxError: BoxErrors;
  loads: number;
  firstPictureMs: Percentiles | null;
}

/** Nearest rank; null of nothing. */
export function percentiles(values: readonly number[]): Percentiles | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!);
  return { p50: at(0.5), p95: at(0.95) };
}

/**
 * When the frame left, of the times that the clip came round the one nearest to `shownMs`: loops are seconds apart. Not
 * the last one before it, which would turn a negative difference of clocks into a whole loop. Null if it never left.
 */
export function leftAt(stamps: Stamps | undefined, frameNo: number, shownMs: number): number | null {
  const times = stamps?.[frameNo] ?? [];
  if (times.length === 0) return null;
  return times.reduce((best, time) => (Math.abs(time - shownMs) < Math.abs(best - shownMs) ? time : best));
}

/** @param stamps by stream id. */
export function overlayFigures(frames: readonly PresentedFrame[], stamps: ReadonlyMap<string, Stamps>): OverlayFigures {
  const kinds: Record<string, number> = {};
  for (const { kind } of frames) kinds[kind] = (kinds[kind] ?? 0) + 1;
  // The video may have gone on by the time its pixels are read: such a frame proves nothing either way.
  const readable = frames.filter((f) => f.pixelFrameNo !== null && f.pixelRtpTimestamp === f.rtpTimestamp);
  const proven = readable.filter(({ kind, messageFrameNo }) => kind === 'exact' && messageFrameNo !== null);
  const wrong = proven.filter((frame) => frame.messageFrameNo !== frame.pixelFrameNo).length;
  const latency = (shownAt: (frame: PresentedFrame) => number): number[] =>
    readable.flatMap((frame) => {
      const left = leftAt(stamps.get(frame.stream), frame.pixelFrameNo!, frame.displayEpochMs);
      return left === null ? [] : [shownAt(frame) - left];
    });
  return {
    overlayFrames: frames.length,
    provenFrames: proven.length,
    wrongFrames: wrong,
    overlayExactPct: proven.length === 0 ? null : (100 * (proven.length - wrong)) / proven.length,
    measuredPct: frames.length === 0 ? 0 : round((100 * (kinds['exact'] ?? 0)) / frames.length),
    kinds,
    latencyMs: percentiles(latency((frame) => frame.displayEpochMs)),
    callbackMs: percentiles(latency((frame) => frame.epochMs)),
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
