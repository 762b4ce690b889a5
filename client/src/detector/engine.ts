import type { ModelEntry } from '@lanecast/server/core/model-entry';
import type { DetectionTimings } from './browser-detector.js';

/** What an engine is started with. */
export interface EngineOptions {
  entry: ModelEntry;
  /** The model file. */
  model: Uint8Array;
  scoreThreshold: number;
  maxRows: number;
  /** Of WebAssembly. */
  threads: number;
  /** Wait for the GPU after each stage, so that each one's time is its own. Slower: for the lab, not for lending. */
  timeStages: boolean;
}

export interface EngineResult {
  sourceWidth: number;
  sourceHeight: number;
  /** As in `BrowserDetections`. */
  rows: Float32Array;
  timings: DetectionTimings;
}

/** Detects on single frames. */
export interface Engine {
  /** Frames that it can work on at a time. */
  readonly parallel: number;
  /** Rejects if the frame could not be taken or inference failed. Does not close the frame. */
  detect(frame: VideoFrame): Promise<EngineResult>;
  /** May be called twice. */
  close(): Promise<void>;
}

/** The stages of one detection from the times (`performance.now()`) at which each of them ended. */
export function stageTimings(
  beganMs: number,
  ended: { importedMs: number; preprocessedMs: number; inferredMs: number; decodedMs: number },
): DetectionTimings {
  const { importedMs, preprocessedMs, inferredMs, decodedMs } = ended;
  return {
    importMs: importedMs - beganMs,
    preprocessMs: preprocessedMs - importedMs,
    inferMs: inferredMs - preprocessedMs,
    decodeMs: decodedMs - inferredMs,
    totalMs: decodedMs - beganMs,
  };
}
