import { availableParallelism } from 'node:os';
import { type Calibration, kindOfCalibration } from '../config/calibration.js';
import type { Config } from '../config/schema.js';
import { FrameSlots } from '../core/frame-slots.js';
import { LanecastError } from '../core/errors.js';
import type { Log } from '../core/log.js';
import type { CalibrationKind, StreamInfo, TrackMessage } from '../core/types.js';
import { RateMeter } from '../core/rate-meter.js';
import { WorkSignal } from '../core/work-signal.js';
import type { DetectionResult } from '../detect/types.js';
import type { FromIngest, IngestStreamOptions } from '../ingest/messages.js';
import { openPacketSubscription, type PacketSubscription } from '../ingest/packet-tap.js';
import { monotonicMs } from '../ops/clock.js';
import { EventLoopDelay } from '../ops/event-loop-delay.js';
import { processUsage } from '../ops/process-usage.js';
import { VERSION } from '../ops/version.js';
import type { CalibrationChange, Pipeline, PipelineStats, SourcePicture, Tile } from './api.js';
import { CalibrationStore } from './calibration-store.js';
import { delayed } from './delayed.js';
import { DecodeHost } from './decode-host.js';
import { DetectorHost } from './detector-host.js';
import { IngestPool } from './ingest-pool.js';
import { Snapshots } from './snapshots.js';
import { StageTimings } from './stage-timings.js';
import { StreamAnalytics } from './stream-analytics.js';
import { StreamStateRecord } from './stream-state.js';
import { TileBook } from './tile-book.js';
import { trackerSettings } from './tracker-settings.js';

interface LiveStream {
  state: StreamStateRecord;
  analytics: StreamAnalytics;
  slots: FrameSlots | null;
  /** What the configuration says: for when nothing was set. */
  configured: { calibration: Calibration; kind: CalibrationKind };
}

type TrackListener = Parameters<Pipeline['onTracks']>[0];

/** All streams from camera to tracks. Wires the stages, owns their workers; the outputs see it as `Pipeline`. */
export class LivePipeline implements Pipeline {
  readonly #log: Log;
  readonly #startedAtMs = monotonicMs();
  readonly #eventLoop = new EventLoopDelay();
  readonly #timings = new StageTimings();
  readonly #consumed = new RateMeter();
  readonly #batches = new RateMeter();
  readonly #streams: LiveStream[] = [];
  readonly #byId = new Map<string, LiveStream>();
  readonly #trackListeners = new Set<TrackListener>();
  readonly #stateListeners = new Set<(stream: StreamInfo) => void>();
  readonly #ingest: IngestPool;
  readonly #detector: DetectorHost | null;
  readonly #decode: DecodeHost;
  readonly #tiles: TileBook;
  readonly #snapshots: Snapshots;
  readonly #calibrations: CalibrationStore;
  #closed: Promise<void> | null = null;

  /**
   * Starts the detector, then the streams. Rejects with the detector's LanecastErrors (`model-*`, `cuda-unavailable`)
   * and with `nvdec-unavailable`; cameras that cannot be reached are no reason to fail.
   */
  static async start(config: Config, log: Log): Promise<LivePipeline> {
    const signal = new WorkSignal();
    // Before the detector: see `openNvdecDevice`.
    const decode = DecodeHost.start(config.ingest.decode);
    try {
      const detector =
        config.detector.mode === 'none'
          ? null
          : await DetectorHost.start(config.detector, config.streams.length, signal, log);
      return new LivePipeline(config, log, signal, decode, detector);
    } catch (error) {
      decode.close();
      throw error;
    }
  }

  private constructor(config: Config, log: Log, signal: WorkSignal, decode: DecodeHost, detector: DetectorHost | null) {
    this.#log = log;
    this.#decode = decode;
    this.#detector = detector;
    const { detectionDelayMs } = config.debug;
    const onDetections = (result: DetectionResult): void => this.#onDetections(result);
    if (detector) detector.onDetections = detectionDelayMs > 0 ? delayed(onDetections, detectionDelayMs) : onDetections;
    const perWorker =
      config.ingest.streamsPerWorker ?? decode.streamsPerWorker(config.streams.length, availableParallelism());
    this.#ingest = new IngestPool(signal, perWorker, {
      onMessage: (message) => this.#onIngest(message),
      onDeath: (indexes, reason) => this.#onIngestDeath(indexes, reason),
      resume: (stream) => this.#resume(stream),
      onResumed: (index) => this.#tiles.reopen(index),
    });
    this.#tiles = new TileBook((index, message) => this.#ingest.send(index, message));
    this.#snapshots = new Snapshots((index, message) => this.#ingest.send(index, message));
    this.#calibrations = new CalibrationStore(config.state.directory ?? null);
    config.streams.forEach((stream, index) => this.#addStream(config, stream, index));
  }

  streams(): StreamInfo[] {
    const now = monotonicMs();
    return this.#streams.map(({ state }) => state.info(now));
  }

  stats(): PipelineStats {
    const now = monotonicMs();
    const consumerFps = this.#consumed.rate(now);
    const batches = this.#batches.rate(now);
    return {
      version: VERSION,
      uptimeS: (now - this.#startedAtMs) / 1000,
      detector: this.#detector?.info ?? null,
      decode: this.#decode.stats(this.#streams.map(({ state }) => state.condition)),
      consumerFps,
      meanBatch: batches > 0 ? consumerFps / batches : 0,
      stages: this.#timings.summaries(),
      process: { ...processUsage(), eventLoopDelayP99Ms: this.#eventLoop.p99Ms() },
      notices: this.#notices(),
    };
  }

  /** Forget the latencies so far: a bench calls it after its warm-up. */
  clearTimings(): void {
    this.#timings.clear();
  }

  onTracks(listener: TrackListener): () => void {
    this.#trackListeners.add(listener);
    return () => this.#trackListeners.delete(listener);
  }

  onState(listener: (stream: StreamInfo) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  openTile(streamId: string, widthPx: number, heightPx: number): Tile {
    return this.#tiles.open(this.#find(streamId).state.index, widthPx, heightPx);
  }

  async snapshot(streamId: string): Promise<SourcePicture> {
    return this.#snapshots.request(this.#find(streamId).state.index, streamId);
  }

  calibration(streamId: string): Calibration {
    return this.#find(streamId).analytics.calibration;
  }

  async setCalibration(streamId: string, calibration: Calibration | null): Promise<CalibrationChange> {
    const live = this.#find(streamId);
    await this.#calibrations.set(streamId, calibration);
    live.analytics.calibration = calibration ?? live.configured.calibration;
    live.state.calibrated = calibration ? kindOfCalibration(calibration) : live.configured.kind;
    this.#log.info({ stream: streamId }, `${streamId} was calibrated: ${live.state.calibrated}`);
    return { calibrated: live.state.calibrated, persisted: this.#calibrations.persistent };
  }

  packets(streamId: string): PacketSubscription {
    const { index } = this.#find(streamId).state;
    const { subscription, far } = openPacketSubscription();
    this.#ingest.send(index, { type: 'subscribe', index, port: far, progress: subscription.progress }, [far]);
    return subscription;
  }

  /** Says goodbye to the cameras and ends the workers; may be called twice. */
  close(): Promise<void> {
    return (this.#closed ??= (async () => {
      this.#snapshots.close();
      await Promise.all([this.#ingest.close(), this.#detector?.close()]);
      this.#decode.close();
      this.#eventLoop.close();
      this.#trackListeners.clear();
      this.#stateListeners.clear();
    })());
  }

  #addStream(config: Config, stream: Config['streams'][number], index: number): void {
    const input = this.#detector?.info;
    const pictureBytes = input ? (input.inputWidth * input.inputHeight * 3) / 2 : 0;
    const slots = input ? FrameSlots.allocate({ slotCount: 2, pictureBytes, metaBytes: 0 }) : null;
    const transport = stream.transport ?? config.ingest.transport;
    const configured = configuredCalibration(config, stream);
    const saved = this.#calibrations.get(stream.id);
    const live: LiveStream = {
      state: new StreamStateRecord(index, stream.id, stream.url, transport, monotonicMs()),
      analytics: new StreamAnalytics(
        stream.id,
        input?.classes ?? [],
        trackerSettings(config, input?.confidentScore ?? null),
        saved ?? configured.calibration,
      ),
      slots,
      configured,
    };
    live.state.calibrated = saved ? kindOfCalibration(saved) : configured.kind;
    this.#streams.push(live);
    this.#byId.set(stream.id, live);
    if (slots) this.#detector?.addStream(index, slots);
    const { connectTimeoutMs, stallTimeoutMs, backoffMinMs, backoffMaxMs, maxPicturePixels } = config.ingest;
    this.#ingest.add({
      index,
      id: stream.id,
      url: stream.url,
      transport,
      tlsAllowSelfSigned: stream.tlsAllowSelfSigned ?? false,
      maxPicturePixels,
      nvdec: this.#decode.isHardware,
      readFrameNumbers: config.debug.frameNumbers,
      connectTimeoutMs,
      stallTimeoutMs,
      backoffMinMs,
      backoffMaxMs,
      startPtsUs: config.debug.startPtsUs,
      startEpoch: 1,
      detector: slots && input ? { slots: slots.shared, width: input.inputWidth, height: input.inputHeight } : null,
    });
  }

  #find(streamId: string): LiveStream {
    const live = this.#byId.get(streamId);
    if (live) return live;
    const known = [...this.#byId.keys()].slice(0, 10).join(', ');
    throw new LanecastError('stream-unknown', `there is no stream "${streamId}"; there are: ${known}`);
  }

  #notices(): string[] {
    const notices = [
      ...(this.#detector?.notices ?? []),
      ...this.#decode.notices(this.#streams.map(({ state }) => ({ id: state.id, ...state.condition }))),
      ...this.#calibrations.notices,
    ];
    if (!this.#detector) notices.push('detection is off (--detector none): no boxes, no tracks, no speeds');
    return notices;
  }

  #onIngest(message: FromIngest): void {
    const live = this.#streams[message.index];
    if (!live) return;
    const now = monotonicMs();
    switch (message.type) {
      case 'condition': {
        const changed = message.condition.state !== live.state.condition.state;
        live.state.condition = message.condition;
        if (changed) this.#announceState(live, now);
        return;
      }
      case 'counters':
        live.state.countersArrived(message.counters, message.lastFrameAtMs, now);
        return;
      case 'decoded':
        this.#publish(live, message.message, null, now);
        return;
      case 'snapshot':
        this.#snapshots.arrived(message);
    }
  }

  #onDetections({ streamIndex, header, detections, timings }: DetectionResult): void {
    const live = this.#streams[streamIndex];
    if (!live) return;
    const beganMs = monotonicMs();
    const message = live.analytics.process(header, detections);
    const now = monotonicMs();
    this.#timings.record(header, timings, now - beganMs, now);
    // A batch counts once, however many frames shared it.
    this.#batches.add(now, 1 / timings.batchSize);
    this.#ingest.send(streamIndex, { type: 'tracked', index: streamIndex, message });
    this.#publish(live, message, header.receivedAtMs, now);
  }

  #publish(live: LiveStream, message: TrackMessage, receivedAtMs: number | null, now: number): void {
    live.state.frameDetected(message.ptsUs, now);
    this.#consumed.add(now);
    for (const listener of this.#trackListeners) listener(message, receivedAtMs);
  }

  #announceState(live: LiveStream, now: number): void {
    const info = live.state.info(now);
    const fields = { stream: info.id, state: info.state, ...(info.reason && { code: info.reason.code }) };
    if (info.state === 'live') this.#log.info(fields, `${info.id} is live: ${info.codec} ${info.width}x${info.height}`);
    else if (info.reason && info.state !== 'connecting') this.#log.warn(fields, `${info.id}: ${info.reason.message}`);
    for (const listener of this.#stateListeners) listener(info);
  }

  #onIngestDeath(indexes: number[], reason: string): void {
    const now = monotonicMs();
    this.#log.warn(
      { streams: indexes.length },
      `an ingest worker died (${reason}); a new one takes its ${indexes.length} streams`,
    );
    for (const index of indexes) {
      const live = this.#streams[index];
      if (!live) continue;
      live.state.workerDied(reason, now);
      this.#announceState(live, now);
    }
  }

  /** Time goes on above everything that the dead worker can have handed out. */
  #resume(stream: IngestStreamOptions): IngestStreamOptions {
    const { state } = this.#streams[stream.index]!;
    return {
      ...stream,
      startPtsUs: Math.max(stream.startPtsUs, state.lastPtsUs) + 60_000_000,
      startEpoch: state.condition.epoch + 1,
    };
  }
}

function configuredCalibration(config: Config, stream: Config['streams'][number]): LiveStream['configured'] {
  const { scaleMPerPx } = stream;
  const own = stream.calibration ?? (scaleMPerPx === undefined ? undefined : { scaleMPerPx });
  if (own) return { calibration: own, kind: kindOfCalibration(own) };
  return { calibration: { scaleMPerPx: config.speed.scaleMPerPx }, kind: 'none' };
}
