import type { PacketSubscription } from '../../ingest/packet-tap.js';
import type { MediaLoad } from './load-gate.js';
import type { MediaLine, PeerOptions } from './peer.js';

/** What the media worker is born with. */
export interface MediaWorkerData {
  maxPayloadBytes: number;
  /** For tests: packets that are dropped on purpose. */
  lossPercent: number;
  /** Its sign of life (`Pulse`). */
  pulse: SharedArrayBuffer;
}

/** Main thread to media worker. Viewers are numbered by the main thread. */
export type ToMedia =
  | { type: 'open'; viewer: number; peer: PeerOptions; waits: boolean }
  | { type: 'offer'; viewer: number; request: number; sdp: string; lines: readonly MediaLine[] }
  | { type: 'candidate'; viewer: number; candidate: string; mid: string | null }
  /** The streams that are to be sent, of those offered. */
  | { type: 'watch'; viewer: number; streams: readonly string[] }
  | { type: 'mode'; viewer: number; waits: boolean }
  /** Whether the viewer may send detections, and the streams that it detects on: their video does not wait. */
  | { type: 'lent'; viewer: number; mayLend: boolean; streams: readonly string[] }
  | { type: 'leave'; viewer: number }
  /** Where a stream's packets come from now. */
  | ({ type: 'packets'; stream: string } & PacketSubscription)
  /** Nobody needs the stream's packets any more. */
  | { type: 'detach'; stream: string }
  | { type: 'hold'; stream: string; holdMs: number }
  | { type: 'tracks'; stream: string; message: Uint8Array }
  | { type: 'close' };

/** Media worker to main thread. */
export type FromMedia =
  | { type: 'answer'; viewer: number; request: number; sdp: string }
  | { type: 'refused'; viewer: number; request: number; reason: string }
  | { type: 'candidate'; viewer: number; candidate: string | null; mid: string | null }
  | { type: 'connected'; viewer: number }
  | { type: 'ended'; viewer: number; reason: string }
  | { type: 'detections'; viewer: number; message: Uint8Array }
  /** More came than any honest page sends; what came beyond that is gone. */
  | { type: 'flooded'; viewer: number }
  /** The stream's port closed: its ingest worker ended. */
  | { type: 'detached'; stream: string }
  /** The first viewer came to whom the stream is to be sent, or the last one left. */
  | { type: 'watched'; stream: string; watched: boolean }
  | { type: 'counters'; counters: MediaCounters; load: MediaLoad };

/** Totals of one media worker. */
export interface MediaCounters {
  /** Peer connections that exist. */
  peers: number;
  packetsSent: number;
  bytesSent: number;
  /** Units not sent to a viewer that was too far behind, or that waited for a keyframe. */
  unitsDropped: number;
  /** Units that the worker itself did not keep up with. */
  unitsMissed: number;
  tracksSent: number;
  tracksDropped: number;
  /** Picture losses that viewers reported, and that were answered from the cached group of pictures. */
  pictureLosses: number;
  /** Promises that the WebRTC library left unhandled: what a peer sent was garbage, or it went at a bad moment. */
  unhandledRejections: number;
}

/** What a room itself can count. */
export type RoomCounters = Omit<MediaCounters, 'unhandledRejections'>;
