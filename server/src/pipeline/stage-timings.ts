import type { FrameHeader } from '../core/frame-slots.js';
import { LatencyWindow } from '../core/latency-window.js';
import { type Stage, STAGES, type StageSummary } from './api.js';

/** When the stages after the slots ended, as the detector measured them. */
export interface DetectorTimings {
  queueMs: number;
  inferMs: number;
  nmsMs: number;
}

/** Latency of each stage over the last few thousand frames. */
export class StageTimings {
  readonly #windows = Object.fromEntries(STAGES.map((stage) => [stage, new LatencyWindow()])) as Record<
    Stage,
    LatencyWindow
  >;

  record(header: FrameHeader, detector: DetectorTimings, trackMs: number, endMs: number): void {
    const w = this.#windows;
    w.ingest.record(header.decodedAtMs - header.receivedAtMs);
    w.preprocess.record(header.writtenAtMs - header.decodedAtMs);
    w.queue.record(detector.queueMs);
    w.infer.record(detector.inferMs);
    w.nms.record(detector.nmsMs);
    w.track.record(trackMs);
    w.endToEnd.record(endMs - header.receivedAtMs);
  }

  clear(): void {
    for (const stage of STAGES) this.#windows[stage].clear();
  }

  summaries(): Record<Stage, StageSummary> {
    return Object.fromEntries(STAGES.map((stage) => [stage, this.#windows[stage].summary()])) as Record<
      Stage,
      StageSummary
    >;
  }
}
