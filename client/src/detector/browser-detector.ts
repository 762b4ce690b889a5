import type { ModelEntry } from '@lanecast/server/core/model-entry';
import { DetectorError } from './detector-error.js';
import { downloadModel } from './model-download.js';
import { WorkerDetector } from './worker-detector.js';

/** One frame's raw detections, before NMS. */
export interface BrowserDetections {
  stream: string;
  rtpTimestamp: number;
  /** The frame's own size, pixels. */
  sourceWidth: number;
  sourceHeight: number;
  /**
   * Rows of 6: centre x, centre y, width, height as shares of the source picture (letterbox undone), score, class index
   * (into the model's `classes`). Only rows at or above the score threshold, best first, at most `maxRows`.
   */
  rows: Float32Array;
  timings: DetectionTimings;
}

/** Where a frame's time went, milliseconds. */
export interface DetectionTimings {
  /** VideoFrame to something that can be sampled. */
  importMs: number;
  /** Letterbox, colour and layout. */
  preprocessMs: number;
  inferMs: number;
  /** Reading back and picking rows. */
  decodeMs: number;
  /** From the start of the import to the rows; not the wait before it. */
  totalMs: number;
}

/** What a detector runs on, as it really is (never as it was asked for). */
export interface BrowserDetectorInfo {
  backend: 'webgpu' | 'wasm';
  /** Why not WebGPU; null: it is, or WASM was asked for. */
  backendReason: string | null;
  /** Of the WASM part; 1 on WebGPU. */
  threads: number;
  precision: 'fp32' | 'fp16';
  model: string;
  sha256: string;
  inputWidth: number;
  inputHeight: number;
  classes: readonly string[];
  /** The GPU in its vendor's words; null without one. */
  adapter: string | null;
}

export interface BrowserDetectorEvents {
  onDetections(detections: BrowserDetections): void;
  /** The model's download. */
  onProgress(progress: { loadedBytes: number; totalBytes: number }): void;
  /** A frame gave nothing; the next may. */
  onMissed?(stream: string, reason: string): void;
  /** The GPU was lost or failed: it goes on without, and `info` is this from now on. */
  onFallback?(info: BrowserDetectorInfo): void;
  /** It is dead; make another. */
  onFailure(error: { code: string; message: string }): void;
}

/** Detects in a worker of its own. Never blocks the page. */
export interface BrowserDetector {
  readonly info: BrowserDetectorInfo;
  /** Takes the frame over and closes it. The newest frame of a stream wins; round-robin over streams. */
  submit(stream: string, frame: VideoFrame, rtpTimestamp: number): void;
  /** Forgets a stream and the frame of it that waits. */
  remove(stream: string): void;
  /** `replaced`: frames that a newer one of their stream took the place of. `perSecond`: over the last seconds. */
  stats(): { detected: number; replaced: number; perSecond: number };
  /** Detections a second that this machine can do, measured on a synthetic frame for about a second. */
  benchmark(): Promise<number>;
  /** May be called twice. */
  close(): void;
}

export interface BrowserDetectorOptions {
  /** Of `GET /api/models`. */
  model: ModelEntry;
  /** `auto`: WebGPU where there is a real GPU, else WASM. */
  backend: 'auto' | 'webgpu' | 'wasm';
  scoreThreshold: number;
  maxRows: number;
  /** Of WebAssembly; absent: by the machine. */
  threads?: number;
  /** Each stage's time on its own, at the price of speed. Default: false. */
  timeStages?: boolean;
  /** Tests only: take an adapter that computes on the CPU for a GPU. */
  allowSoftwareGpu?: boolean;
}

/**
 * Downloads the model (once: its address is its content), starts a worker and runs it once. Rejects with a DetectorError
 * (`detector-unsupported`: this browser cannot; `model-download`, `model-unsupported`, `detector-start`, `gpu-missing`,
 * `gpu-failed`, `gpu-hung`; `detector-closed`: `signal` gave it up); then nothing of it is left behind.
 */
export async function startBrowserDetector(
  options: BrowserDetectorOptions,
  events: BrowserDetectorEvents,
  signal: AbortSignal = new AbortController().signal,
): Promise<BrowserDetector> {
  if (typeof VideoFrame === 'undefined' || typeof WebAssembly === 'undefined' || typeof OffscreenCanvas === 'undefined')
    throw new DetectorError(
      'detector-unsupported',
      isSecureContext
        ? 'This browser lacks WebCodecs: use a current Chrome, Edge, Safari or Firefox'
        : 'WebCodecs needs HTTPS or localhost, and this page came over plain HTTP',
    );
  const model = await downloadModel(options.model, (progress) => events.onProgress(progress), signal);
  return WorkerDetector.start(options, events, model, signal);
}
