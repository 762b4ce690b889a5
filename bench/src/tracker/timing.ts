import { ByteTracker } from '@lanecast/server/track/byte-tracker';
import { formatTable } from '../table.js';
import { simulateScene } from './scene.js';

export interface TrackerTiming {
  objects: number;
  frames: number;
  /** Frames per second on one core: 1 over the mean. */
  framesPerS: number;
  meanMs: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  /** Confirmed tracks a frame, on average. */
  meanTracks: number;
}

const FRAME_RATE = 30;
/** Lets the compiler settle and the lost tracks reach their number. */
const WARM_UP_FRAMES = 300;

/** Times each `update` of a tracker over a simulated scene; making the scene is not timed. */
export function timeTracker(objects: number, frames: number, seed: number, nowMs: () => number): TrackerTiming {
  const scene = simulateScene(objects, WARM_UP_FRAMES + frames, seed);
  const tracker = new ByteTracker({ frameRate: FRAME_RATE });
  const durationsMs = new Float64Array(frames);
  let tracks = 0;
  scene.forEach((detections, frame) => {
    const ptsUs = Math.round((frame * 1e6) / FRAME_RATE);
    const startMs = nowMs();
    const published = tracker.update(detections, ptsUs);
    const durationMs = nowMs() - startMs;
    if (frame < WARM_UP_FRAMES) return;
    durationsMs[frame - WARM_UP_FRAMES] = durationMs;
    tracks += published.length;
  });
  const meanMs = durationsMs.reduce((sum, ms) => sum + ms, 0) / frames;
  durationsMs.sort();
  const quantile = (q: number): number => durationsMs[Math.min(frames - 1, Math.floor(q * frames))]!;
  return {
    objects,
    frames,
    framesPerS: 1000 / meanMs,
    meanMs,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    maxMs: quantile(1),
    meanTracks: tracks / frames,
  };
}

/** The table that is printed. */
export function formatTimings(timings: readonly TrackerTiming[]): string {
  const rows = timings.map((timing) => [
    String(timing.objects),
    timing.framesPerS.toFixed(0),
    ...[timing.meanMs, timing.p50Ms, timing.p99Ms, timing.maxMs].map((ms) => ms.toFixed(3)),
    timing.meanTracks.toFixed(1),
  ]);
  return formatTable(['objects', 'frames/s', 'mean ms', 'p50 ms', 'p99 ms', 'max ms', 'tracks'], rows);
}
