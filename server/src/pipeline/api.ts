import type { Calibration } from '../config/calibration.js';
import type { HistogramCounts } from '../core/latency-histogram.js';
import type { StageSign } from '../core/pulse.js';
import type { FrameSlots } from '../core/frame-slots.js';
import type { CalibrationKind, StreamInfo, TrackMessage } from '../core/types.js';
import type { WorkSignal } from '../core/work-signal.js';
import type { DetectorInfo } from '../detect/types.js';
import type { DecodeStats } from './decode-host.js';
import type { DetectorFaults } from './detector-host.js';
import type { PacketSubscription } from '../ingest/packet-tap.js';
import type { LendingStats } from './lending/figures.js';
import type { Lending } from './lending/lending-desk.js';

export type { DecodeStats, DetectorInfo };

/** Summary of one stage's latency in milliseconds, over the last minute or so. */
export interface StageSummary {
  count: number;
  meanMs: number;
  minMs: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  maxMs: number;
}

/** The stages that are timed, in the order a frame passes them. */
export const STAGES = ['ingest', 'preprocess', 'queue', 'infer', 'nms', 'track', 'endToEnd'] as const;
export type Stage = (typeof STAGES)[number];

/** What the process holds; memory but the resident is that of the main thread. */
export interface ProcessUsage {
  rssBytes: number;
  heapUsedBytes: number;
  heapTotalBytes: number;
  /** Outside the heap, `arrayBuffersBytes` included. */
  externalBytes: number;
  arrayBuffersBytes: number;
  /** What keeps the main thread's event loop alive, by Node's names: sockets, timers, workers. */
  activeResources: Record<string, number>;
  eventLoopDelayP99Ms: number;
}

/** `GET /api/stats`. */
export interface PipelineStats {
  version: string;
  /** Of this process, at random: another one after a restart. */
  instance: string;
  uptimeS: number;
  /** null: detection is switched off. */
  detector: DetectorInfo | null;
  decode: DecodeStats;
  /** Pages that detect; null: none may (`--detector server`). */
  lending: LendingStats | null;
  /** Detected frames per second, all streams together. */
  consumerFps: number;
  meanBatch: number;
  stages: Record<Stage, StageSummary>;
  /** Worker threads that died and were replaced. Absent: not counted. */
  restarts?: { ingest: number; detector: number };
  /** What failed in detection since the start. Absent: not counted, or nothing is detected here. */
  detectorFaults?: DetectorFaults;
  process: ProcessUsage;
  /** Fall-backs that are in force, one line each, with the fix. */
  notices: string[];
}

/**
 * Pictures of one stream, scaled to one size, each a frame whose tracks are known. The stream's ingest worker writes
 * into `slots` (planar I420, full range, `width * height * 3 / 2` bytes, planes without padding) and puts the frame's
 * `TrackMessage` as UTF-8 JSON into the slot's side data: picture and tracks belong together by construction.
 */
export interface Tile {
  readonly slots: FrameSlots;
  readonly width: number;
  readonly height: number;
  /** Stops the writing; may be called twice. */
  close(): void;
}

/**
 * Pictures of one stream, every one as soon as it is decoded, in the order they are shown: planar I420 of limited range in
 * `slots`, with their colours in the side data (primaries, transfer, matrix; a byte each, as H.273 numbers them).
 */
export interface LiveTile extends Tile {
  /** Raised after a picture was written. */
  readonly signal: WorkSignal;
}

/** One frame at source resolution, with its tracks. */
export interface SourcePicture {
  width: number;
  height: number;
  /** Planar I420, full range, planes without padding. */
  data: Uint8Array;
  message: TrackMessage;
}

/** Which streams came and went, by id; in `Pipeline.streams()` it is so already. */
export interface StreamListChange {
  added: string[];
  removed: string[];
}

/** What became of a calibration that was set. */
export interface CalibrationChange {
  calibrated: CalibrationKind;
  /** False: it holds until the server ends. */
  persisted: boolean;
}

/** What the outputs may ask of the running pipeline. */
export interface Pipeline {
  /** Where pages lend their GPU; null: this server takes none. */
  readonly lending: Lending | null;
  streams(): StreamInfo[];
  stats(): PipelineStats;
  /** Latencies of all frames since the start, for metrics that are added up. */
  stageHistograms(): Record<Stage, HistogramCounts>;
  /** Signs of life of the stages that have work. */
  signs(): StageSign[];
  /**
   * Called once per processed frame, on the main thread; returns the unsubscriber. A listener must not block.
   * `receivedAtMs`: when the frame's last packet had arrived (monotonic); null where nothing is detected.
   */
  onTracks(listener: (message: TrackMessage, receivedAtMs: number | null) => void): () => void;
  /** Called when a stream's state changes. */
  onState(listener: (stream: StreamInfo) => void): () => void;
  /** Called when streams came or went, or come in another order. A stream whose camera is another one stays. */
  onStreams(listener: (change: StreamListChange) => void): () => void;
  /** Both sizes even. Throws a LanecastError `stream-unknown`. */
  openTile(streamId: string, widthPx: number, heightPx: number): Tile;
  /** As `openTile`, for pictures that wait for nothing. */
  openLiveTile(streamId: string, widthPx: number, heightPx: number): LiveTile;
  /** The newest frame whose tracks are known. Rejects with `stream-unknown` or `no-picture` (nothing decoded yet). */
  snapshot(streamId: string): Promise<SourcePicture>;
  /**
   * The stream's RTP packets as the camera sent them, one `PacketMessage` an access unit, beginning with the cached
   * group of pictures. Close the port to end it; it closes by itself when the stream's worker ends. Count each unit
   * that was taken (`countConsumed`): a reader that falls behind by seconds loses whole groups of pictures. Throws a
   * LanecastError `stream-unknown`.
   */
  packets(streamId: string): PacketSubscription;
  /** What the stream's speeds are computed with. Throws a LanecastError `stream-unknown`. */
  calibration(streamId: string): Calibration;
  /**
   * Sets a stream's calibration, or with null goes back to that of the configuration; saved first, then live with the
   * next frame. Rejects with `stream-unknown` or `calibration-not-saved`; then nothing has changed.
   */
  setCalibration(streamId: string, calibration: Calibration | null): Promise<CalibrationChange>;
}
