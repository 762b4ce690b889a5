import type { FrameHeader } from '../core/frame-slots.js';
import { type HistogramCounts, LatencyHistogram } from '../core/latency-histogram.js';
import { LatencyWindow } from '../core/latency-window.js';
import type { DetectionTimings } from '../detect/types.js';
import { type Stage, STAGES, type StageSummary } from './api.js';

/** When the stages after the slots ended, as the detector measured them. */
export interface DetectorTimings {
  queueMs: number;
  inferMs: number;
  nmsMs: number;
}

/** Where the time of one detected frame went, on the process-wide monotonic clock. */
export interface FrameTimes {
  stream: string;
  header: Pick<FrameHeader, 'ptsUs' | 'epoch' | 'receivedAtMs' | 'decodedAtMs' | 'writtenAtMs'>;
  detection: DetectionTimings;
  trackBeganMs: number;
  trackedMs: number;
  /** When all listeners had it. */
  publishedMs: number;
}

interface StageTimes {
  window: LatencyWindow;
  histogram: LatencyHistogram;
}

/** Latency of each stage: over the last few thousand frames, and as a histogram since the start. */
export class StageTimings {
  readonly #times = eachStage((): StageTimes => ({ window: new LatencyWindow(), histogram: new LatencyHistogram() }));

  record(header: FrameHeader, detector: DetectorTimings, trackMs: number, endMs: number): void {
    this.#record('ingest', header.decodedAtMs - header.receivedAtMs);
    this.#record('preprocess', header.writtenAtMs - header.decodedAtMs);
    this.#record('queue', detector.queueMs);
    this.#record('infer', detector.inferMs);
    this.#record('nms', detector.nmsMs);
    this.#record('track', trackMs);
    this.#record('endToEnd', endMs - header.receivedAtMs);
  }

  /** The windows; a histogram never runs backwards. */
  clear(): void {
    for (const stage of STAGES) this.#times[stage].window.clear();
  }

  summaries(): Record<Stage, StageSummary> {
    return eachStage((stage) => this.#times[stage].window.summary());
  }

  histograms(): Record<Stage, HistogramCounts> {
    return eachStage((stage) => this.#times[stage].histogram.counts());
  }

  #record(stage: Stage, valueMs: number): void {
    const { window, histogram } = this.#times[stage];
    window.record(valueMs);
    histogram.record(valueMs);
  }
}

function eachStage<T>(make: (stage: Stage) => T): Record<Stage, T> {
  return Object.fromEntries(STAGES.map((stage) => [stage, make(stage)])) as Record<Stage, T>;
}
