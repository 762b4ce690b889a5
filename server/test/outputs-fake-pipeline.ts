/**
 * A pipeline for tests of the outputs: streams of one colour with one vehicle, written into real shared slots at a
 * real rate, as the ingest workers do. Only where the pictures come from is made up.
 */
import { type Calibration, kindOfCalibration } from '../dist/config/calibration.js';
import { LatencyHistogram } from '../dist/core/latency-histogram.js';
import type { StageSign } from '../dist/core/pulse.js';
import { LanecastError } from '../dist/core/errors.js';
import { FrameSlots } from '../dist/core/frame-slots.js';
import type { PublishedTrack, StreamInfo, StreamState, TrackMessage } from '../dist/core/types.js';
import { WorkSignal } from '../dist/core/work-signal.js';
import { openPacketSubscription, type PacketSubscription } from '../dist/ingest/packet-tap.js';
import { monotonicMs } from '../dist/ops/clock.js';
import { Canvas } from '../dist/outputs/mjpeg/canvas.js';
import { fromRgb } from '../dist/outputs/mjpeg/colour.js';
import type {
  CalibrationChange,
  LiveTile,
  Pipeline,
  PipelineStats,
  SourcePicture,
  StageSummary,
  StreamListChange,
  Tile,
} from '../dist/pipeline/api.js';
import { STAGES } from '../dist/pipeline/api.js';

export interface FakeStream {
  id: string;
  /** The colour of its pictures, `0xrrggbb`. */
  rgb: number;
  width?: number;
  height?: number;
  tracks?: PublishedTrack[];
  state?: StreamState;
  reason?: { code: string; message: string } | null;
}

interface OpenTile extends Tile {
  streamId: string;
}

const CAR: PublishedTrack = {
  id: 3,
  class: 'car',
  score: 0.9,
  box: [320, 180, 320, 180],
  speedKmh: 87.4,
  speedSigmaKmh: 2,
};

export class FakePipeline implements Pipeline {
  readonly lending = null;
  readonly #streams: Required<FakeStream>[];
  readonly #tiles = new Set<OpenTile>();
  readonly #trackListeners = new Set<(message: TrackMessage, receivedAtMs: number | null) => void>();
  readonly #stateListeners = new Set<(stream: StreamInfo) => void>();
  readonly #listListeners = new Set<(change: StreamListChange) => void>();
  readonly #calibrations = new Map<string, Calibration>();
  readonly #timer: NodeJS.Timeout;
  readonly #startedAtMs = monotonicMs();
  #frames = 0;

  constructor(streams: FakeStream[], fps = 25) {
    this.#streams = streams.map(complete);
    this.#timer = setInterval(() => this.#emit(), 1000 / fps);
  }

  get openTiles(): number {
    return this.#tiles.size;
  }

  get trackListeners(): number {
    return this.#trackListeners.size;
  }

  add(stream: FakeStream): void {
    this.#streams.push(complete(stream));
    for (const listener of this.#listListeners) listener({ added: [stream.id], removed: [] });
  }

  remove(id: string): void {
    this.#streams.splice(this.#streams.indexOf(this.#stream(id)), 1);
    for (const listener of this.#listListeners) listener({ added: [], removed: [id] });
  }

  /** Streams that are not live get no more pictures. */
  setState(id: string, state: StreamState, reason: StreamInfo['reason'] = null): void {
    const stream = this.#stream(id);
    stream.state = state;
    stream.reason = reason;
    const info = this.#info(stream);
    for (const listener of this.#stateListeners) listener(info);
  }

  streams(): StreamInfo[] {
    return this.#streams.map((stream) => this.#info(stream));
  }

  stats(): PipelineStats {
    const idle: StageSummary = { count: 0, meanMs: 0, minMs: 0, p50Ms: 0, p95Ms: 0, p99Ms: 0, maxMs: 0 };
    const busy: StageSummary = { count: 250, meanMs: 12, minMs: 8, p50Ms: 11, p95Ms: 19, p99Ms: 25, maxMs: 31 };
    return {
      version: '0.1.0',
      instance: 'fake',
      uptimeS: (monotonicMs() - this.#startedAtMs) / 1000,
      detector: {
        model: 'yolov8n',
        executionProvider: 'cpu',
        executionProviderReason: 'no CUDA provider',
        precision: 'fp32',
        inputWidth: 640,
        inputHeight: 384,
        classes: ['car'],
        maxBatch: 8,
        maxWaitMs: 4,
        confidentScore: null,
        nmsBackend: 'typescript',
        nmsBackendReason: 'the C++ addon was not built',
      },
      decode: { backend: 'software' },
      lending: null,
      consumerFps: 200,
      meanBatch: 4,
      stages: { ...Object.fromEntries(STAGES.map((stage) => [stage, busy])), nms: idle } as PipelineStats['stages'],
      process: {
        rssBytes: 1e8,
        heapUsedBytes: 2e7,
        heapTotalBytes: 3e7,
        externalBytes: 1e6,
        arrayBuffersBytes: 5e5,
        activeResources: { TCPServerWrap: 1 },
        eventLoopDelayP99Ms: 1.5,
      },
      notices: ['No CUDA provider: detection runs on the CPU (npm run setup:cuda)'],
    };
  }

  stageHistograms(): ReturnType<Pipeline['stageHistograms']> {
    const counts = new LatencyHistogram().counts();
    return Object.fromEntries(STAGES.map((stage) => [stage, counts])) as ReturnType<Pipeline['stageHistograms']>;
  }

  signs(): StageSign[] {
    return [];
  }

  onTracks(listener: (message: TrackMessage, receivedAtMs: number | null) => void): () => void {
    this.#trackListeners.add(listener);
    return () => this.#trackListeners.delete(listener);
  }

  onState(listener: (stream: StreamInfo) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  onStreams(listener: (change: StreamListChange) => void): () => void {
    this.#listListeners.add(listener);
    return () => this.#listListeners.delete(listener);
  }

  /** No packets ever come: what is tested with it shows pictures. */
  packets(streamId: string): PacketSubscription {
    this.#stream(streamId);
    return openPacketSubscription().subscription;
  }

  openTile(streamId: string, width: number, height: number): Tile {
    this.#stream(streamId);
    if (width % 2 || height % 2) throw new RangeError(`a tile of ${width} x ${height}`);
    const slots = FrameSlots.allocate({ slotCount: 2, pictureBytes: (width * height * 3) / 2, metaBytes: 1 << 16 });
    const tile: OpenTile = { streamId, slots, width, height, close: () => this.#tiles.delete(tile) };
    this.#tiles.add(tile);
    return tile;
  }

  openLiveTile(streamId: string, width: number, height: number): LiveTile {
    return { ...this.openTile(streamId, width, height), signal: new WorkSignal() };
  }

  snapshot(streamId: string): Promise<SourcePicture> {
    const stream = this.#stream(streamId);
    if (stream.state !== 'live' || this.#frames === 0)
      return Promise.reject(new LanecastError('no-picture', `Stream "${streamId}" has no picture yet`));
    const { width, height } = stream;
    return Promise.resolve({ width, height, data: picture(stream, width, height), message: this.#message(stream) });
  }

  calibration(streamId: string): Calibration {
    return this.#calibrations.get(this.#stream(streamId).id) ?? { scaleMPerPx: 0.05 };
  }

  setCalibration(streamId: string, calibration: Calibration | null): Promise<CalibrationChange> {
    if (calibration) this.#calibrations.set(streamId, calibration);
    else this.#calibrations.delete(streamId);
    return Promise.resolve({ calibrated: this.#calibrated(streamId), persisted: false });
  }

  #calibrated(streamId: string): CalibrationChange['calibrated'] {
    const calibration = this.#calibrations.get(streamId);
    return calibration ? kindOfCalibration(calibration) : 'none';
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #emit(): void {
    this.#frames++;
    for (const stream of this.#streams) {
      if (stream.state !== 'live') continue;
      const message = this.#message(stream);
      const meta = Buffer.from(JSON.stringify(message));
      for (const tile of this.#tiles) if (tile.streamId === stream.id) write(tile, stream, message, meta);
      for (const listener of this.#trackListeners) listener(message, null);
    }
  }

  #message({ id, width, height, tracks }: Required<FakeStream>): TrackMessage {
    const ptsUs = this.#frames * 40_000;
    return { stream: id, ptsUs, rtpTimestamp: Math.round(ptsUs * 0.09) % 2 ** 32, epoch: 1, width, height, tracks };
  }

  #info(stream: Required<FakeStream>): StreamInfo {
    const live = stream.state === 'live';
    const frames = this.#frames;
    return {
      id: stream.id,
      index: this.#streams.indexOf(stream),
      url: `rtsp://camera.example/${stream.id}`,
      state: stream.state,
      reason: stream.reason,
      codec: 'h264',
      decoder: 'software',
      width: stream.width,
      height: stream.height,
      webrtcFault: null,
      lastFrameAgeMs: live && frames > 0 ? 20 : null,
      transport: 'tcp',
      epoch: 1,
      calibrated: this.#calibrated(stream.id),
      detectedBy: 'server',
      counters: {
        connects: 1,
        packets: 10 * frames,
        packetsLost: 0,
        bytes: 10_000 * frames,
        accessUnits: frames,
        unitsDamaged: 0,
        decoded: frames,
        decodeErrors: 0,
        decodedOnGpu: 0,
        detected: frames,
        detectedLent: 0,
        framesReplaced: 0,
      },
      rates: { fps: live ? 25 : 0, decodedFps: live ? 25 : 0, dropRate: 0, bitrateKbps: live ? 2000 : 0 },
    };
  }

  #stream(id: string): Required<FakeStream> {
    const stream = this.#streams.find((candidate) => candidate.id === id);
    if (!stream) throw new LanecastError('stream-unknown', `There is no stream "${id}"`);
    return stream;
  }
}

function complete(stream: FakeStream): Required<FakeStream> {
  return { width: 1280, height: 720, tracks: [CAR], state: 'live', reason: null, ...stream };
}

function picture({ rgb }: FakeStream, width: number, height: number): Buffer {
  const canvas = new Canvas(width, height);
  canvas.fill(0, 0, width, height, fromRgb(rgb));
  return canvas.data;
}

function write(tile: OpenTile, stream: Required<FakeStream>, message: TrackMessage, meta: Uint8Array): void {
  const slot = tile.slots.beginWrite();
  if (slot === null) throw new Error('the reader holds every slot');
  tile.slots.picture(slot).set(picture(stream, tile.width, tile.height));
  const nowMs = monotonicMs();
  tile.slots.publish(
    slot,
    {
      sourceWidth: stream.width,
      sourceHeight: stream.height,
      contentX: 0,
      contentY: 0,
      contentWidth: tile.width,
      contentHeight: tile.height,
      ptsUs: message.ptsUs,
      epoch: message.epoch,
      receivedAtMs: nowMs,
      decodedAtMs: nowMs,
      writtenAtMs: nowMs,
    },
    meta,
  );
}
