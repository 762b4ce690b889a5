import type { FrameHeader, SharedFrameSlots } from '../core/frame-slots.js';
import type { SessionModel, SessionOptions } from './model-session.js';
import type { DetectorInfo } from './types.js';

/** Given to the detector's worker at its start. */
export interface DetectorWorkerData {
  model: SessionModel;
  classCount: number;
  session: SessionOptions;
  scoreThreshold: number;
  iouThreshold: number;
  perClass: boolean;
  maxDetections: number;
  /** null: measured. */
  maxBatch: number | null;
  /** The most that measuring may choose. */
  batchLimit: number;
  maxWaitMs: number;
  /** The word that writers raise (`WorkSignal`). */
  signal: SharedArrayBuffer;
  /** Beats with every inference that succeeded (`Pulse`). */
  pulse: SharedArrayBuffer;
}

/** `key` names one `addStream`, so that an index can be removed and added again while frames are under way. */
export type ToDetector =
  { kind: 'add'; key: number; slots: SharedFrameSlots } | { kind: 'remove'; key: number } | { kind: 'close' };

/** One frame of a batch; its detections are the next `count` in the batch's packed array. */
export interface FrameResult {
  key: number;
  header: FrameHeader;
  count: number;
  queueMs: number;
  nmsMs: number;
}

export type NmsState = Pick<DetectorInfo, 'nmsBackend' | 'nmsBackendReason'>;

export type FromDetector =
  | {
      kind: 'started';
      executionProvider: string;
      executionProviderReason: string | null;
      maxBatch: number;
      nms: NmsState;
      stranded: boolean;
    }
  /** `stranded`: the thread has a session on a GPU that is lost, and stays for it: see `ModelSession.abandon`. */
  | { kind: 'start-failed'; code: string; message: string; stranded: boolean }
  /** Instead of its end, which a thread with such a session does not come to. `code` says why: see `Detector.onExit`. */
  | { kind: 'stranded'; code: string; message: string }
  | { kind: 'batch'; frames: FrameResult[]; packed: Float32Array; inferMs: number; doneAtMs: number; nms: NmsState }
  | { kind: 'run-failed'; frames: number; message: string }
  | { kind: 'removed'; key: number };
