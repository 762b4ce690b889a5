import type { SharedFrameSlots } from '../core/frame-slots.js';
import type { StreamCounters, StreamState, TrackMessage, WebRtcFault } from '../core/types.js';
import type { DecodeBackend } from './decode/picture-decoder.js';
import type { VideoCodec } from './types.js';

/** How one stream is read. */
export interface IngestStreamOptions {
  index: number;
  id: string;
  /** With credentials: it goes to the worker and nowhere else. */
  url: string;
  transport: 'tcp' | 'udp';
  /** Of an rtsps camera: its certificate is not checked. */
  tlsAllowSelfSigned: boolean;
  /** A camera that announces more is refused. */
  maxPicturePixels: number;
  /** Decode on the GPU while that works for this stream. */
  nvdec: boolean;
  /** Read the frame counter of demo and test clips in each decoded picture. */
  readFrameNumbers: boolean;
  connectTimeoutMs: number;
  stallTimeoutMs: number;
  backoffMinMs: number;
  backoffMaxMs: number;
  /** Where presentation time and epochs begin; above what an earlier worker handed out if this one replaces it. */
  startPtsUs: number;
  startEpoch: number;
  /** null: nothing is detected; every decoded frame counts as tracked, with no tracks. */
  detector: { slots: SharedFrameSlots; width: number; height: number } | null;
}

/** What a worker is born with. */
export interface IngestWorkerData {
  /** Raised after a frame was written for the detector. */
  signal: SharedArrayBuffer;
}

/** Main thread to ingest worker. */
export type ToIngest =
  | { type: 'add'; stream: IngestStreamOptions }
  | { type: 'remove'; index: number }
  | { type: 'tracked'; index: number; message: TrackMessage }
  | {
      type: 'openTile';
      index: number;
      tile: number;
      slots: SharedFrameSlots;
      width: number;
      height: number;
      /** Raised for every picture as soon as it is decoded; null: pictures come with their tracks, when those are known. */
      live: SharedArrayBuffer | null;
    }
  | { type: 'closeTile'; index: number; tile: number }
  | { type: 'snapshot'; index: number; request: number }
  /**
   * Whether each frame's arrival is reported (`frames`), and whether a page detects on the stream: then no picture goes to
   * the detector, and none is decoded that nobody wants to see.
   */
  | { type: 'lending'; index: number; report: boolean; lent: boolean }
  | { type: 'subscribe'; index: number; port: MessagePortLike; progress: SharedArrayBuffer }
  | { type: 'close' };

/** A `MessagePort` of node:worker_threads, which receives `PacketMessage`s until it is closed. */
export type MessagePortLike = import('node:worker_threads').MessagePort;

/**
 * One access unit as RTP packets, as the camera sent them. The first after subscribing are the cached group of
 * pictures, beginning at its keyframe.
 */
export interface PacketMessage {
  ptsUs: number;
  isKeyframe: boolean;
  packets: readonly Uint8Array[];
  /** Of a keyframe that came without its parameter sets: they go before it. NAL units. */
  parameterSets: readonly Uint8Array[];
  /** Monotonic milliseconds; where the unit took longer than its way to get here (it was transcoded). */
  receivedAtMs?: number;
}

/** A stream's condition; posted when something in it changes. */
export interface StreamCondition {
  state: StreamState;
  reason: { code: string; message: string } | null;
  /** Monotonic milliseconds of the last change of `state`. */
  sinceMs: number;
  codec: VideoCodec | null;
  /** Where its pictures are decoded; null before the first connection. */
  decoder: DecodeBackend | null;
  /** Why not on the GPU although it was to be; null if it is, or was not to be. */
  decoderReason: string | null;
  width: number;
  height: number;
  webrtcFault: WebRtcFault | null;
  epoch: number;
}

/** A frame as it is known before it is decoded. */
export interface ArrivedFrame {
  ptsUs: number;
  epoch: number;
  /** When its last packet arrived, monotonic. */
  receivedAtMs: number;
  /** Of the picture, pixels. */
  width: number;
  height: number;
}

/** What the worker counts; `detected`, `detectedLent` and `framesReplaced` are known to others. */
export interface IngestCounters extends Omit<StreamCounters, 'detected' | 'detectedLent' | 'framesReplaced'> {
  /** Of `decoded`, those while the stream was lent: nobody meant them for the detector. */
  decodedLent: number;
}

/** Ingest worker to main thread. */
export type FromIngest =
  | { type: 'condition'; index: number; condition: StreamCondition }
  | { type: 'counters'; index: number; counters: IngestCounters; lastFrameAtMs: number | null }
  | { type: 'decoded'; index: number; message: TrackMessage }
  /** Frames that arrived, while that is asked for; first those of the last seconds. */
  | { type: 'frames'; index: number; frames: ArrivedFrame[] }
  /** The number in the frame counter of a frame that was reported. */
  | { type: 'frameNumber'; index: number; ptsUs: number; frameNo: number }
  | {
      type: 'snapshot';
      index: number;
      request: number;
      picture: { width: number; height: number; data: Uint8Array; message: TrackMessage } | null;
    };
