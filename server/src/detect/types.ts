import type { NmsBackend } from '@lanecast/native';
import type { FrameHeader } from '../core/frame-slots.js';
import type { Detection } from '../core/types.js';

/** What detection runs on, as it really is (never as it was asked for). */
export interface DetectorInfo {
  /** Model name from its metadata. */
  model: string;
  /** Execution provider: `cuda` or `cpu`. */
  executionProvider: string;
  /** Why it is not a better one; null if nothing better was asked for or possible. */
  executionProviderReason: string | null;
  precision: 'fp32' | 'fp16';
  inputWidth: number;
  inputHeight: number;
  classes: readonly string[];
  /** From which score on the model's makers would believe a box; null if they do not say. */
  confidentScore: number | null;
  maxBatch: number;
  maxWaitMs: number;
  /** What did the last non-maximum suppression: `cuda`, `cpu` (C++) or `typescript`. */
  nmsBackend: NmsBackend;
  /** Why it is not a better one; null if nothing better was called for or possible. */
  nmsBackendReason: string | null;
}

/** Where a frame's time went. */
export interface DetectionTimings {
  /** From the slot's writing to the start of inference. */
  queueMs: number;
  /** The whole batch's inference. */
  inferMs: number;
  /** Decoding and suppression of this frame. */
  nmsMs: number;
  /** Frames in the batch. */
  batchSize: number;
  /** When the batch was finished, on the process-wide monotonic clock. */
  doneAtMs: number;
}

/** One detected frame. */
export interface DetectionResult {
  streamIndex: number;
  header: FrameHeader;
  /** Best score first. */
  detections: Detection[];
  timings: DetectionTimings;
}

/** Totals since the detector started. */
export interface DetectorStats {
  batches: number;
  frames: number;
  /** Frames lost to an inference that failed. */
  failedFrames: number;
  /** Message of the last inference that failed; null if none did. */
  lastFailure: string | null;
}
