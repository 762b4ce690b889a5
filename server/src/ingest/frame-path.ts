import type { Frame } from 'node-av/lib';
import type { Clock } from '../core/clock.js';
import { readFrameCounter } from '../core/frame-counter.js';
import { rtpTimestampOf, StreamTimeline } from '../core/timeline.js';
import type { TrackMessage, WebRtcFault } from '../core/types.js';
import type { WorkSignal } from '../core/work-signal.js';
import { Arrivals } from './arrivals.js';
import { VideoDecoder } from './decode/decoder.js';
import { PictureScalers } from './decode/gpu-scaler.js';
import type { NvdecDevice } from './decode/nvdec-device.js';
import type { DecodeBackend } from './decode/picture-decoder.js';
import { StreamDecoder } from './decode/stream-decoder.js';
import type { AccessUnit } from './depacketise/access-unit.js';
import { missingParameterSets } from './depacketise/missing-parameter-sets.js';
import type { SequenceParameters } from './depacketise/sequence-parameters.js';
import { DetectorFeed } from './detector-feed.js';
import { GopCache } from './gop-cache.js';
import type { ArrivedFrame, IngestStreamOptions, PacketMessage } from './messages.js';
import { OnDemandDecoder } from './on-demand-decoder.js';
import { RetainedFrames } from './retained-frames.js';
import { SnapshotRequests } from './snapshot-requests.js';
import { type SnapshotPicture, sourcePicture } from './source-picture.js';
import { Tiles } from './tiles.js';
import type { VideoCodec } from './types.js';

/** How far a reordered stream's units may step back in time. */
const REORDER_WINDOW_US = 500_000;

/** H.264 profiles that browsers show in WebRTC: Baseline, Main, High. */
const WEBRTC_PROFILES = new Set([66, 77, 100]);

/** What a stream's frame path tells its owner. */
export interface FramePathEvents {
  /** A picture was decoded; size and epoch may have changed. */
  onPicture(): void;
  /** Only where nothing is detected: the frame with its (empty) tracks. */
  onUntracked(message: TrackMessage): void;
  onUnit(message: PacketMessage): void;
  /** Only while frames are reported. */
  onArrivals(frames: ArrivedFrame[]): void;
  onFrameNumber(ptsUs: number, frameNo: number): void;
}

/** Frames that wait for their tracks: the server's come soon, a page's take longer. */
const RETAINED = 5;
const RETAINED_LENT = 16;

/** Counters of this part of the path. */
export interface FramePathCounters {
  accessUnits: number;
  unitsDamaged: number;
  decoded: number;
  decodeErrors: number;
  /** Of `decoded`, those from the GPU's decoder. */
  decodedOnGpu: number;
  /** Of `decoded`, those while the stream was lent. */
  decodedLent: number;
}

/**
 * One stream from access units to pictures: presentation time, decoding, the detector's slots, and the pictures that
 * outputs asked for. Lives as long as the stream; connections come and go (`connected`).
 */
export class FramePath {
  readonly counters: FramePathCounters = {
    accessUnits: 0,
    unitsDamaged: 0,
    decoded: 0,
    decodeErrors: 0,
    decodedOnGpu: 0,
    decodedLent: 0,
  };
  readonly gop = new GopCache();
  readonly tiles: Tiles;
  readonly #stream: IngestStreamOptions;
  readonly #clock: Clock;
  readonly #events: FramePathEvents;
  readonly #timeline: StreamTimeline;
  readonly #openDevice: () => NvdecDevice;
  readonly #scaler = new PictureScalers();
  readonly #retained = new RetainedFrames<Frame, TrackMessage>(RETAINED);
  readonly #feed: DetectorFeed | null;
  readonly #arrivals: Arrivals;
  readonly #decoding: OnDemandDecoder;
  readonly #snapshots = new SnapshotRequests(() => this.snapshot());
  /** A page detects on this stream. */
  #lent = false;
  /** When the last packet of the unit that is being decoded arrived; reordered frames borrow a neighbour's. */
  #receivedAtMs = 0;
  #decoder: StreamDecoder | null = null;
  #codec: VideoCodec | null = null;
  #profile: number | null = null;
  #newestUnitUs = -1;
  #reordered = false;
  #lastOutputUs = -1;
  #epoch: number;
  #width = 0;
  #height = 0;
  #lastFrameAtMs: number | null = null;

  /** `openDevice` gives the thread's one GPU device, which its owner closes; it is asked for NVDEC streams only. */
  constructor(
    stream: IngestStreamOptions,
    clock: Clock,
    signal: WorkSignal,
    openDevice: () => NvdecDevice,
    events: FramePathEvents,
  ) {
    this.#stream = stream;
    this.#openDevice = openDevice;
    this.#clock = clock;
    this.#events = events;
    this.#arrivals = new Arrivals((frames) => events.onArrivals(frames));
    this.#decoding = new OnDemandDecoder({
      clock,
      decode: ({ data, ptsUs, isKeyframe, receivedAtMs }) => {
        this.#receivedAtMs = receivedAtMs;
        return this.#decoder?.decode(data, ptsUs, isKeyframe, this.#onFrame) ?? false;
      },
      wanted: () => this.#wantsPictures(),
      onPause: () => this.#retained.clear(),
    });
    this.#timeline = new StreamTimeline(stream.startPtsUs);
    this.#epoch = stream.startEpoch;
    this.tiles = new Tiles(this.#scaler, () => clock.nowMs());
    const { detector } = stream;
    this.#feed = detector && new DetectorFeed(detector, this.#scaler, signal);
  }

  get epoch(): number {
    return this.#epoch;
  }

  get codec(): VideoCodec | null {
    return this.#codec;
  }

  /** Where pictures are decoded now; null before the first connection. */
  get decoder(): { backend: DecodeBackend; fallbackReason: string | null } | null {
    return this.#decoder;
  }

  /** Why WebRTC cannot carry what this connection delivers; null: it can, as far as is known. */
  get webrtcFault(): WebRtcFault | null {
    if (this.#codec === 'h265') return 'h265';
    if (this.#reordered) return 'b-frames';
    return this.#profile !== null && !WEBRTC_PROFILES.has(this.#profile) ? 'h264-profile' : null;
  }

  /** Of the newest picture, in pixels. */
  get size(): { width: number; height: number } {
    return { width: this.#width, height: this.#height };
  }

  get lastFrameAtMs(): number | null {
    return this.#lastFrameAtMs;
  }

  /**
   * A new connection delivers `codec`; its clock has nothing to do with the last one's. Throws a LanecastError
   * `decoder-unavailable`.
   */
  connected(codec: VideoCodec): void {
    this.#decoder?.close();
    this.#decoder = null; // a broken predecessor must not survive a failure below
    this.#scaler.forgetGpu();
    const { maxPicturePixels, nvdec } = this.#stream;
    this.#decoder = new StreamDecoder({
      hardware: nvdec ? () => new VideoDecoder(codec, maxPicturePixels, this.#openDevice().context) : null,
      software: () => new VideoDecoder(codec, maxPicturePixels),
    });
    this.#codec = codec;
    this.#profile = null;
    this.#reordered = false;
    this.#newestUnitUs = -1;
    this.#timeline.detach();
    this.gop.clear();
    this.#decoding.forget();
  }

  /**
   * Whether arrivals are reported, and whether a page detects: then nothing goes to the detector, and nothing is decoded
   * that nobody wants to see. When the page is gone, decoding takes up what it left out, at once.
   */
  lending({ report, lent }: { report: boolean; lent: boolean }): void {
    this.#arrivals.reporting = report;
    if (lent === this.#lent) return;
    this.#lent = lent;
    this.#retained.capacity = lent ? RETAINED_LENT : RETAINED;
    this.#decoding.wake();
  }

  /** The sender started anew: its timestamps relate to nothing before. */
  sourceReset(): void {
    this.#timeline.detach();
  }

  /**
   * A whole access unit in decoding order. `decodable` is false where its references are missing; `sequence` says
   * whether pictures may come in another order than they are shown (null: not known). Returns false if the decoder refused the unit.
   */
  accept(unit: AccessUnit, decodable: boolean, sequence: SequenceParameters | null): boolean {
    this.counters.accessUnits++;
    const { ptsUs, rebased } = this.#timeline.map(
      unit.rtpTimestamp,
      unit.receivedAtMs,
      (sequence?.mayReorder ?? true) ? REORDER_WINDOW_US : 0,
    );
    if (rebased) this.#epoch++;
    if (!decodable) {
      this.counters.unitsDamaged++;
      this.gop.clear();
      this.#decoding.forget();
      return true;
    }
    this.#profile = sequence?.profile ?? null;
    if (ptsUs < this.#newestUnitUs) this.#reordered = true;
    this.#newestUnitUs = Math.max(this.#newestUnitUs, ptsUs);
    const message: PacketMessage = {
      ptsUs,
      isKeyframe: unit.isKeyframe,
      packets: unit.packets,
      parameterSets: this.#codec === 'h264' ? missingParameterSets(unit) : [],
    };
    this.gop.push(message);
    this.#events.onUnit(message);
    const { widthPx: width, heightPx: height } = sequence ?? { widthPx: this.#width, heightPx: this.#height };
    const { receivedAtMs } = unit;
    this.#arrivals.add({ ptsUs, epoch: this.#epoch, receivedAtMs, width, height });
    const good = this.#decoding.push({ data: unit.data, ptsUs, isKeyframe: unit.isKeyframe, receivedAtMs });
    if (!good) this.counters.decodeErrors++;
    if (this.#decoding.isPaused) this.#passUndecoded(width, height);
    this.#snapshots.answerLate(this.#clock.nowMs());
    return good;
  }

  /** The tracks of an earlier frame are known: its picture can be drawn. */
  tracked(message: TrackMessage): void {
    const frame = this.#retained.settle(message.ptsUs, message);
    if (frame && !this.tiles.empty) this.tiles.write(frame, message);
    if (frame) this.#snapshots.answerAll();
  }

  /** Answers with the newest tracked frame; of a stream that is not decoded at the moment, as soon as there is one. */
  requestSnapshot(answer: (snapshot: SnapshotPicture | null) => void): void {
    if (this.#lent) {
      this.#snapshots.add(answer, this.#clock.nowMs());
      if (this.#retained.current) this.#snapshots.answerAll();
      this.#decoding.wake();
    } else answer(this.snapshot());
  }

  /** The newest tracked frame at source resolution; null before the first. */
  snapshot(): SnapshotPicture | null {
    const { current } = this.#retained;
    return current && sourcePicture(current.frame, current.message, this.#scaler);
  }

  close(): void {
    this.#decoding.close();
    this.#snapshots.answerAll();
    this.#retained.clear();
    this.#decoder?.close();
    this.#decoder = null;
    this.#scaler.close();
  }

  readonly #onFrame = (frame: Frame, ptsUs: number): void => {
    const decodedAtMs = this.#clock.nowMs();
    // A decoder that reorders may give a late picture after a rebase: time never runs backwards for what follows.
    if (ptsUs <= this.#lastOutputUs) return;
    this.#lastOutputUs = ptsUs;
    this.counters.decoded++;
    if (frame.isHwFrame()) this.counters.decodedOnGpu++;
    if (this.#lent) this.counters.decodedLent++;
    this.#lastFrameAtMs = decodedAtMs;
    this.#width = frame.width;
    this.#height = frame.height;
    this.#events.onPicture();
    // What is decoded to catch up is the past, but for the last of it.
    if (this.#decoding.behind > 0) return;
    this.tiles.writeLive(frame, { ptsUs, epoch: this.#epoch, receivedAtMs: this.#receivedAtMs, decodedAtMs });
    if (this.#lent) this.#awaitLent(frame, ptsUs);
    else if (this.#feed) this.#offer(this.#feed, frame, ptsUs, decodedAtMs);
    else this.#passUntracked(frame, ptsUs);
  };

  #wantsPictures(): boolean {
    const { readFrameNumbers } = this.#stream;
    return !this.#lent || !this.tiles.empty || readFrameNumbers || this.#snapshots.isWanted(this.#clock.nowMs());
  }

  /** Frames come, although nobody looks at them. */
  #passUndecoded(width: number, height: number): void {
    this.#lastFrameAtMs = this.#clock.nowMs();
    this.#width = width;
    this.#height = height;
    this.#events.onPicture();
  }

  /** The number in the frame counter of demo and test clips; null where there is none, or it is not asked for. */
  #frameNumber(frame: Frame): number | null {
    if (!this.#stream.readFrameNumbers) return null;
    const luma = frame.data?.[0];
    const stride = frame.linesize[0];
    if (!luma || stride === undefined || stride < frame.width) return null;
    return readFrameCounter({ data: luma, width: frame.width, height: frame.height, stride, channels: 1 });
  }

  #offer(feed: DetectorFeed, frame: Frame, ptsUs: number, decodedAtMs: number): void {
    const header = () => {
      const frameNo = this.#frameNumber(frame);
      if (frameNo !== null && this.#arrivals.reporting) this.#events.onFrameNumber(ptsUs, frameNo);
      return {
        ptsUs,
        epoch: this.#epoch,
        receivedAtMs: this.#receivedAtMs,
        decodedAtMs,
        writtenAtMs: this.#clock.nowMs(),
        ...(frameNo !== null && { frameNo }),
      };
    };
    const offered = feed.offer(frame, header, (lostPtsUs) => this.#retained.discard(lostPtsUs));
    if (offered === 'offered') this.#retain(frame, ptsUs);
    if (offered !== 'unreadable') return;
    this.counters.decodeErrors++;
    if (frame.isHwFrame()) this.#decoder?.hardwareFailed('the GPU could not scale its pictures or give them back');
  }

  /** The tracks of this frame come from a page, if it detects on it. */
  #awaitLent(frame: Frame, ptsUs: number): void {
    const frameNo = this.#frameNumber(frame);
    if (frameNo !== null) this.#events.onFrameNumber(ptsUs, frameNo);
    this.#retain(frame, ptsUs);
  }

  #retain(frame: Frame, ptsUs: number): void {
    const copy = frame.clone();
    if (copy) this.#retained.add(ptsUs, copy);
  }

  #passUntracked(frame: Frame, ptsUs: number): void {
    const frameNo = this.#frameNumber(frame);
    const message: TrackMessage = {
      stream: this.#stream.id,
      ptsUs,
      rtpTimestamp: rtpTimestampOf(ptsUs),
      epoch: this.#epoch,
      width: frame.width,
      height: frame.height,
      ...(frameNo !== null && { frameNo }),
      tracks: [],
    };
    this.#retain(frame, ptsUs);
    this.tracked(message);
    this.#events.onUntracked(message);
  }
}
