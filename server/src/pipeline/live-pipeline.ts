import { availableParallelism } from 'node:os';
import { type Calibration, kindOfCalibration } from '../config/calibration.js';
import type { ConfigChanges } from '../config/changes.js';
import type { Config, StreamConfig } from '../config/schema.js';
import { LanecastError } from '../core/errors.js';
import type { Log } from '../core/log.js';
import type { StageSign } from '../core/pulse.js';
import type { Detection, StreamInfo, TrackMessage } from '../core/types.js';
import { RateMeter } from '../core/rate-meter.js';
import { WorkSignal } from '../core/work-signal.js';
import { lentDetectorInfo } from '../detect/lending/lent-detector-info.js';
import type { ReceivedFrame } from '../detect/lending/recent-frames.js';
import type { DetectionResult, DetectorInfo } from '../detect/types.js';
import type { FromIngest } from '../ingest/messages.js';
import { openPacketSubscription, type PacketSubscription } from '../ingest/packet-tap.js';
import { monotonicMs } from '../ops/clock.js';
import { EventLoopDelay } from '../ops/event-loop-delay.js';
import { processUsage } from '../ops/process-usage.js';
import { INSTANCE, VERSION } from '../ops/version.js';
import type {
  CalibrationChange,
  LiveTile,
  Pipeline,
  PipelineStats,
  SourcePicture,
  StreamListChange,
  Tile,
} from './api.js';
import { CalibrationStore } from './calibration-store.js';
import { delayed } from './delayed.js';
import { DecodeHost } from './decode-host.js';
import { DetectorHost } from './detector-host.js';
import { IngestPool } from './ingest-pool.js';
import type { LendingDesk } from './lending/lending-desk.js';
import { openLending } from './lending/open-lending.js';
import { locateModel } from './locate-model.js';
import { Snapshots } from './snapshots.js';
import { type FrameTimes, StageTimings } from './stage-timings.js';
import { StreamLifecycle } from './stream-lifecycle.js';
import { type LiveStream, StreamRoster } from './stream-roster.js';
import { TileBook } from './tile-book.js';

/** A restarted server may get more cameras: the batch size is measured for so many at least. */
const EXPECTED_STREAMS = 8;

type TrackListener = Parameters<Pipeline['onTracks']>[0];

/** All streams from camera to tracks. Wires the stages, owns their workers; the outputs see it as `Pipeline`. */
export class LivePipeline implements Pipeline {
  readonly #log: Log;
  readonly #startedAtMs = monotonicMs();
  readonly #eventLoop = new EventLoopDelay();
  readonly #timings = new StageTimings();
  readonly #consumed = new RateMeter();
  readonly #batches = new RateMeter();
  /** Frames that were in them. */
  readonly #batched = new RateMeter();
  readonly #streams = new StreamRoster();
  readonly #trackListeners = new Set<TrackListener>();
  readonly #stateListeners = new Set<(stream: StreamInfo) => void>();
  readonly #listListeners = new Set<(change: StreamListChange) => void>();
  readonly #ingest: IngestPool;
  readonly #detector: DetectorHost | null;
  /** What detection runs on in pages, where it runs nowhere else. */
  readonly #lentDetector: DetectorInfo | null;
  readonly lending: LendingDesk | null;
  readonly #decode: DecodeHost;
  readonly #tiles: TileBook;
  readonly #snapshots: Snapshots;
  readonly #calibrations: CalibrationStore;
  readonly #lifecycle: StreamLifecycle;
  /** Told where the time of each frame went that was detected here, after it was published. null: nobody asks. */
  onFrameTimes: ((times: FrameTimes) => void) | null = null;
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
      const { mode } = config.detector;
      const detector =
        mode === 'none' || mode === 'browser'
          ? null
          : await DetectorHost.start(config.detector, Math.max(EXPECTED_STREAMS, config.streams.length), signal, log);
      const lent = mode === 'browser' ? lentDetectorInfo(locateModel(config.detector, log)) : null;
      return new LivePipeline(config, log, signal, decode, detector, lent);
    } catch (error) {
      decode.close();
      throw error;
    }
  }

  private constructor(
    config: Config,
    log: Log,
    signal: WorkSignal,
    decode: DecodeHost,
    detector: DetectorHost | null,
    lentDetector: DetectorInfo | null,
  ) {
    this.#lentDetector = lentDetector;
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
      resume: (stream) => this.#lifecycle.resume(stream),
      onResumed: (index) => {
        this.#tiles.reopen(index);
        const live = this.#streams.byKey(index);
        if (live) this.lending?.announce(live.state.id);
      },
    });
    this.#tiles = new TileBook((index, message) => this.#ingest.send(index, message));
    this.#snapshots = new Snapshots((index, message) => this.#ingest.send(index, message));
    this.#calibrations = new CalibrationStore(config.state.directory ?? null);
    this.#lifecycle = new StreamLifecycle({
      ...{ roster: this.#streams, ingest: this.#ingest, decode, detector, detectorInfo: this.#info },
      ...{ tiles: this.#tiles, snapshots: this.#snapshots, calibrations: this.#calibrations },
    });
    for (const stream of config.streams) this.#lifecycle.add(config, stream);
    this.lending = openLending(config.detector, this.#info, log, {
      streams: () => {
        const now = monotonicMs();
        return [...this.#streams].map(({ state, trackedPtsUs }) => ({
          ...state.lendable(now),
          lastPtsUs: trackedPtsUs,
        }));
      },
      // The desk learns at its next tick that a stream is gone.
      setLending: (id, lending) => this.#setLending(this.#streams.get(id), lending),
      deliver: (id, frame, detections) => this.#onLentDetections(this.#streams.get(id), frame, detections),
    });
  }

  get #info(): DetectorInfo | null {
    return this.#detector?.info ?? this.#lentDetector;
  }

  streams(): StreamInfo[] {
    const now = monotonicMs();
    return [...this.#streams].map(({ state }) => state.info(now));
  }

  stats(): PipelineStats {
    const now = monotonicMs();
    const consumerFps = this.#consumed.rate(now);
    const batches = this.#batches.rate(now);
    return {
      version: VERSION,
      instance: INSTANCE,
      uptimeS: (now - this.#startedAtMs) / 1000,
      detector: this.#info,
      lending: this.lending?.stats() ?? null,
      decode: this.#decode.stats([...this.#streams].map(({ state }) => state.condition)),
      consumerFps,
      meanBatch: batches > 0 ? this.#batched.rate(now) / batches : 0,
      stages: this.#timings.summaries(),
      restarts: { ingest: this.#ingest.deaths, detector: this.#detector?.deaths ?? 0 },
      ...(this.#detector && { detectorFaults: this.#detector.faults }),
      process: { ...processUsage(), eventLoopDelayP99Ms: this.#eventLoop.p99Ms() },
      notices: this.#notices(),
    };
  }

  stageHistograms(): ReturnType<Pipeline['stageHistograms']> {
    return this.#timings.histograms();
  }

  /** Called once, if what runs here cannot be mended but by another process: it is to be closed. */
  set onUnfit(listener: (error: LanecastError) => void) {
    if (this.#detector) this.#detector.onUnfit = listener;
  }

  signs(): StageSign[] {
    return [...this.#ingest.signs(), ...(this.#detector ? [this.#detector.sign()] : [])];
  }

  /** Forget the latencies so far: a bench calls it after its warm-up. */
  clearTimings(): void {
    this.#timings.clear();
    this.lending?.clearLatencies();
  }

  onTracks(listener: TrackListener): () => void {
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

  /** Brings the streams in line with a configuration that differs by these changes; no other stream is touched. */
  follow(config: Config, changes: ConfigChanges): void {
    for (const id of changes.removed) this.#lifecycle.remove(this.#find(id));
    for (const stream of changes.reconnected) this.#redirect(config, stream);
    const configured = new Map(config.streams.map((stream) => [stream.id, stream]));
    for (const id of changes.calibrated) this.#lifecycle.reconfigure(config, configured.get(id)!, this.#find(id));
    for (const stream of changes.added) this.#lifecycle.add(config, stream);
    this.#streams.sort([...configured.keys()]);
    const change: StreamListChange = { added: changes.added.map(({ id }) => id), removed: changes.removed };
    if (change.added.length + change.removed.length === 0 && !changes.reordered) return;
    for (const listener of this.#listListeners) listener(change);
  }

  openTile(streamId: string, widthPx: number, heightPx: number): Tile {
    return this.#tiles.open(this.#find(streamId).key, widthPx, heightPx);
  }

  openLiveTile(streamId: string, widthPx: number, heightPx: number): LiveTile {
    return this.#tiles.openLive(this.#find(streamId).key, widthPx, heightPx);
  }

  async snapshot(streamId: string): Promise<SourcePicture> {
    return this.#snapshots.request(this.#find(streamId).key, streamId);
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
    const index = this.#find(streamId).key;
    const { subscription, far } = openPacketSubscription();
    this.#ingest.send(index, { type: 'subscribe', index, port: far, progress: subscription.progress }, [far]);
    return subscription;
  }

  /** Says goodbye to the cameras and ends the workers; may be called twice. */
  close(): Promise<void> {
    return (this.#closed ??= (async () => {
      this.lending?.close();
      this.#snapshots.close();
      await Promise.all([this.#ingest.close(), this.#detector?.close()]);
      this.#decode.close();
      this.#eventLoop.close();
      this.#trackListeners.clear();
      this.#stateListeners.clear();
      this.#listListeners.clear();
    })());
  }

  #redirect(config: Config, stream: StreamConfig): void {
    const live = this.#find(stream.id);
    this.#lifecycle.redirect(config, stream, live);
    this.lending?.announce(stream.id);
    this.#announceState(live, monotonicMs());
  }

  #find(streamId: string): LiveStream {
    const live = this.#streams.get(streamId);
    if (live) return live;
    const known = this.#streams.ids.slice(0, 10).join(', ');
    throw new LanecastError('stream-unknown', `there is no stream "${streamId}"; there are: ${known}`);
  }

  #notices(): string[] {
    const notices = [
      ...(this.#detector?.notices ?? []),
      ...this.#decode.notices([...this.#streams].map(({ state }) => ({ id: state.id, ...state.condition }))),
      ...this.#calibrations.notices,
    ];
    const lonely = this.#lentDetector && [...this.#streams].every(({ state }) => state.detectedBy === null);
    if (lonely)
      notices.push(
        'nobody detects: only pages do (--detector browser), and none lends its GPU; open the dashboard and switch "Lend GPU" on',
      );
    if (!this.#info) notices.push('detection is off (--detector none): no boxes, no tracks, no speeds');
    return notices;
  }

  #onIngest(message: FromIngest): void {
    const live = this.#streams.byKey(message.index);
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
        // A frame that was on its way when a page took the stream.
        if (live.state.detectedBy === null) this.#publish(live, message.message, null, now);
        return;
      case 'frames':
        this.lending?.frames(live.state.id, message.frames);
        return;
      case 'frameNumber':
        this.lending?.frameNumber(live.state.id, message.ptsUs, message.frameNo);
        return;
      case 'snapshot':
        this.#snapshots.arrived(message);
    }
  }

  #onDetections({ streamIndex, header, detections, timings }: DetectionResult): void {
    const live = this.#streams.byKey(streamIndex);
    // A page's detections may have overtaken these.
    if (!live || header.ptsUs <= live.trackedPtsUs) return;
    const beganMs = monotonicMs();
    live.trackedPtsUs = header.ptsUs;
    const message = live.analytics.process(header, detections);
    const now = monotonicMs();
    this.#timings.record(header, timings, now - beganMs, now);
    // A batch counts once, however many frames shared it.
    this.#batches.add(now, 1 / timings.batchSize);
    this.#batched.add(now);
    this.#ingest.send(streamIndex, { type: 'tracked', index: streamIndex, message });
    this.#publish(live, message, header.receivedAtMs, now);
    this.onFrameTimes?.({
      stream: live.state.id,
      header,
      detection: timings,
      trackBeganMs: beganMs,
      trackedMs: now,
      publishedMs: monotonicMs(),
    });
  }

  /** What a page found on a frame that is newer than all that were tracked. */
  #onLentDetections(live: LiveStream | undefined, frame: ReceivedFrame, detections: readonly Detection[]): void {
    if (!live) return;
    live.trackedPtsUs = frame.ptsUs;
    const header = { ...frame, sourceWidth: frame.width, sourceHeight: frame.height };
    const message = live.analytics.process(header, detections, 'browser');
    this.#ingest.send(live.key, { type: 'tracked', index: live.key, message });
    this.#publish(live, message, frame.receivedAtMs, monotonicMs());
  }

  #setLending(live: LiveStream | undefined, lending: { report: boolean; lent: boolean }): void {
    if (!live) return;
    live.state.detectedBy = lending.lent ? 'browser' : this.#detector ? 'server' : null;
    this.#ingest.send(live.key, { type: 'lending', index: live.key, ...lending });
  }

  #publish(live: LiveStream, message: TrackMessage, receivedAtMs: number | null, now: number): void {
    live.state.frameDetected(message, now, message.detectedBy ?? null);
    this.#consumed.add(now);
    for (const listener of this.#trackListeners) listener(message, receivedAtMs);
  }

  #announceState(live: LiveStream, now: number): void {
    const info = live.state.info(now);
    const fields = { stream: info.id, state: info.state, ...(info.reason && { code: info.reason.code }) };
    // A camera that stays down is tried for ever, and for the same reason: that is said once, until it changes.
    const news = info.state === 'live' ? 'live' : info.state === 'connecting' ? live.said : (info.reason?.code ?? null);
    if (news !== live.said) {
      live.said = news;
      if (info.state === 'live')
        this.#log.info(fields, `${info.id} is live: ${info.codec} ${info.width}x${info.height}`);
      else if (info.reason) this.#log.warn(fields, `${info.id}: ${info.reason.message}`);
    }
    for (const listener of this.#stateListeners) listener(info);
  }

  #onIngestDeath(indexes: number[], reason: string): void {
    const now = monotonicMs();
    this.#log.warn(
      { streams: indexes.length },
      `an ingest worker died (${reason}); a new one takes its ${indexes.length} streams`,
    );
    for (const index of indexes) {
      const live = this.#streams.byKey(index);
      if (!live) continue;
      live.state.workerDied(reason, now);
      this.#announceState(live, now);
    }
  }
}
