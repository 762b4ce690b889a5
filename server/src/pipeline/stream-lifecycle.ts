/** How a stream begins, changes and ends; what all streams share is given. */
import { kindOfCalibration } from '../config/calibration.js';
import type { Config, StreamConfig } from '../config/schema.js';
import { FrameSlots } from '../core/frame-slots.js';
import type { DetectorInfo } from '../detect/types.js';
import type { IngestStreamOptions } from '../ingest/messages.js';
import { monotonicMs } from '../ops/clock.js';
import type { CalibrationStore } from './calibration-store.js';
import type { DecodeHost } from './decode-host.js';
import type { DetectorHost } from './detector-host.js';
import type { IngestPool } from './ingest-pool.js';
import type { Snapshots } from './snapshots.js';
import { StreamAnalytics } from './stream-analytics.js';
import { configuredCalibration, configuredIngest } from './stream-options.js';
import type { LiveStream, StreamBeginning, StreamRoster } from './stream-roster.js';
import { StreamStateRecord } from './stream-state.js';
import type { TileBook } from './tile-book.js';
import { trackerSettings } from './tracker-settings.js';

/** Frames of a stream that wait for the detector: the newest replaces the older one. */
const DETECTOR_SLOTS = 2;

export interface StreamLifecycleParts {
  roster: StreamRoster;
  ingest: IngestPool;
  decode: DecodeHost;
  /** null: the server itself detects nothing. */
  detector: DetectorHost | null;
  /** Of the detector, wherever it runs; null where nobody detects. */
  detectorInfo: DetectorInfo | null;
  tiles: TileBook;
  snapshots: Snapshots;
  calibrations: CalibrationStore;
}

export class StreamLifecycle {
  readonly #parts: StreamLifecycleParts;

  constructor(parts: StreamLifecycleParts) {
    this.#parts = parts;
  }

  add(config: Config, stream: StreamConfig): void {
    const { roster, ingest, detector, detectorInfo, calibrations } = this.#parts;
    const { classes, confidentScore } = detectorInfo ?? { classes: [], confidentScore: null };
    const configured = configuredCalibration(config, stream);
    const saved = calibrations.get(stream.id);
    const transport = stream.transport ?? config.ingest.transport;
    const live: LiveStream = {
      key: roster.newKey(),
      state: new StreamStateRecord(roster.newIndex(), stream.id, stream.url, transport, monotonicMs()),
      analytics: new StreamAnalytics(
        stream.id,
        classes,
        trackerSettings(config, confidentScore),
        saved ?? configured.calibration,
      ),
      slots: null,
      trackedPtsUs: -1,
      said: null,
      configured,
    };
    live.state.calibrated = saved ? kindOfCalibration(saved) : configured.kind;
    live.state.detectedBy = detector ? 'server' : null;
    const beginning = roster.beginningOf(stream.id);
    roster.add(live);
    this.#openSlots(live);
    ingest.add(this.#ingestOptions(config, stream, live, beginning));
  }

  remove(live: LiveStream): void {
    const { roster, ingest, detector, snapshots } = this.#parts;
    roster.remove(live);
    detector?.removeStream(live.key);
    ingest.remove(live.key);
    snapshots.forget(live.key);
  }

  /** The camera is another one, or reached in another way; for everybody else the stream goes on. */
  redirect(config: Config, stream: StreamConfig, live: LiveStream): void {
    const { roster, ingest, detector, tiles, snapshots } = this.#parts;
    const beginning = roster.beginningOf(stream.id);
    const old = live.key;
    roster.rekey(live, roster.newKey());
    detector?.removeStream(old);
    snapshots.forget(old);
    this.#openSlots(live);
    live.state.redirected(stream.url, stream.transport ?? config.ingest.transport, monotonicMs());
    this.reconfigure(config, stream, live);
    ingest.replace(old, this.#ingestOptions(config, stream, live, beginning));
    tiles.move(old, live.key);
  }

  /** What was set at run time wins over what the configuration says. */
  reconfigure(config: Config, stream: StreamConfig, live: LiveStream): void {
    live.configured = configuredCalibration(config, stream);
    if (this.#parts.calibrations.get(stream.id)) return;
    live.analytics.calibration = live.configured.calibration;
    live.state.calibrated = live.configured.kind;
  }

  /** For a new worker: time goes on above everything that the dead one can have handed out. */
  resume(stream: IngestStreamOptions): IngestStreamOptions {
    const { roster } = this.#parts;
    const beginning = roster.beginningOf(stream.id);
    roster.get(stream.id)?.state.begin(beginning);
    return { ...stream, startPtsUs: beginning.ptsUs, startEpoch: beginning.epoch };
  }

  #openSlots(live: LiveStream): void {
    const { detector } = this.#parts;
    if (!detector) return;
    const { inputWidth, inputHeight } = detector.info;
    const pictureBytes = (inputWidth * inputHeight * 3) / 2;
    live.slots = FrameSlots.allocate({ slotCount: DETECTOR_SLOTS, pictureBytes, metaBytes: 0 });
    detector.addStream(live.key, live.slots);
  }

  #ingestOptions(config: Config, stream: StreamConfig, live: LiveStream, at: StreamBeginning): IngestStreamOptions {
    const { decode, detector } = this.#parts;
    const { key, slots, state } = live;
    const input = detector?.info;
    state.begin(at);
    return {
      ...configuredIngest(config, stream),
      index: key,
      nvdec: decode.isHardware,
      startPtsUs: Math.max(at.ptsUs, config.debug.startPtsUs),
      startEpoch: at.epoch,
      detector: slots && input ? { slots: slots.shared, width: input.inputWidth, height: input.inputHeight } : null,
    };
  }
}
