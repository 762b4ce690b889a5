import type { ModelEntry } from '@lanecast/server/core/model-entry';
import type { BrowserDetections, BrowserDetectorInfo } from './browser-detector.js';

export interface StartMessage {
  type: 'start';
  entry: ModelEntry;
  model: ArrayBuffer;
  backend: 'auto' | 'webgpu' | 'wasm';
  scoreThreshold: number;
  maxRows: number;
  threads: number;
  timeStages: boolean;
  allowSoftwareGpu: boolean;
}

export type ToWorker =
  StartMessage | { type: 'detect'; stream: string; frame: VideoFrame; rtpTimestamp: number } | { type: 'benchmark' };

export type FromWorker =
  | { type: 'started'; info: BrowserDetectorInfo; parallel: number; warmUpMs: number }
  | { type: 'detections'; detections: BrowserDetections }
  /** This frame gave nothing. */
  | { type: 'missed'; stream: string; reason: string }
  | { type: 'rate'; perSecond: number }
  /** It is of no more use. `gpu-*`: without the GPU it may go on. */
  | { type: 'failed'; code: string; message: string };
