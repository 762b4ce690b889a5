import type { MessagePort } from 'node:worker_threads';
import type { SharedFrameSlots } from '../../../core/frame-slots.js';

/** What a transcoder's thread is born with. */
export interface TranscoderData {
  /** Pictures of `width` x `height`, planar I420 of limited range. */
  slots: SharedFrameSlots;
  /** Raised after a picture was written. */
  signal: SharedArrayBuffer;
  width: number;
  height: number;
  /** Frames a second, about. */
  fps: number;
  maxPayloadBytes: number;
  /** Where `PacketMessage`s go, and `KeyframeRequest`s come from. */
  port: MessagePort;
  progress: SharedArrayBuffer;
  /** Beats with every picture that was encoded, and with every look for one (`Pulse`). */
  pulse: SharedArrayBuffer;
}

/** From whoever sends a transcoded stream on: a viewer lost the thread. */
export interface KeyframeRequest {
  type: 'keyframe';
}

/** Main thread to transcoder. */
export interface ToTranscoder {
  type: 'close';
}

/** Transcoder to main thread, about twice a second. */
export interface FromTranscoder {
  type: 'counters';
  counters: TranscodeCounters;
}

/** Totals of one transcoder. */
export interface TranscodeCounters {
  pictures: number;
  keyframes: number;
  bytes: number;
  /** Time that encoding took in all. */
  encodeMs: number;
}
