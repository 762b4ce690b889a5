import type { Clock } from '../../core/clock.js';
import { rtpTimestampOf } from '../../core/timeline.js';
import type { PacketMessage } from '../../ingest/messages.js';
import { fitUnit } from './packetise.js';

/** A group of pictures beyond this is not kept for those who join. */
const MAX_CACHED_BYTES = 8 << 20;
const MAX_CACHED_UNITS = 600;
/** A timer within this of its time has come. */
const TIMER_SLACK_MS = 0.5;

/** One access unit, ready to be sent. */
export interface VideoUnit {
  ptsUs: number;
  rtpTimestamp: number;
  isKeyframe: boolean;
  payloads: readonly Uint8Array[];
}

/** Somebody to whom a stream's video goes. */
export interface VideoViewer {
  /** Whether video waits for its detections. */
  readonly waits: boolean;
  send(unit: VideoUnit): void;
  beginAnew(units: readonly VideoUnit[]): void;
}

/**
 * The video of one stream for all its viewers: units made to fit, held for the detections where a viewer wants that, with
 * the units since the last keyframe for those who join.
 */
export class StreamVideo {
  /** How long video waits for its detections. */
  holdMs = 0;
  /** The source encodes, and makes a keyframe when it is asked; null: it is a camera. */
  requestKeyframe: (() => void) | null = null;
  readonly #clock: Clock;
  readonly #maxPayloadBytes: number;
  readonly #onWatched: (watched: boolean) => void;
  readonly #viewers = new Set<VideoViewer>();
  #waiting: { unit: VideoUnit; arrivedAtMs: number }[] = [];
  #gop: VideoUnit[] = [];
  #gopBytes = 0;
  #cancel: (() => void) | null = null;

  /** `onWatched`: the first viewer came, or the last one left. */
  constructor(clock: Clock, maxPayloadBytes: number, onWatched: (watched: boolean) => void = () => undefined) {
    this.#onWatched = onWatched;
    this.#clock = clock;
    this.#maxPayloadBytes = maxPayloadBytes;
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  has(viewer: VideoViewer): boolean {
    return this.#viewers.has(viewer);
  }

  /** Adds a viewer; it gets the units since the last keyframe at once, but not those that still wait. */
  add(viewer: VideoViewer): void {
    if (this.#viewers.has(viewer)) return;
    this.#viewers.add(viewer);
    viewer.beginAnew(this.#unitsFor(viewer));
    if (this.#viewers.size === 1) this.#onWatched(true);
  }

  remove(viewer: VideoViewer): void {
    if (this.#viewers.delete(viewer) && this.#viewers.size === 0) this.#onWatched(false);
  }

  /** A viewer lost the thread: it gets a keyframe if the source can make one, else the units since the last one again. */
  repeat(viewer: VideoViewer): void {
    if (this.requestKeyframe) {
      if (this.#viewers.has(viewer)) viewer.beginAnew([]);
      this.requestKeyframe();
      return;
    }
    const units = this.#unitsFor(viewer);
    if (this.#viewers.has(viewer) && units.length > 0) viewer.beginAnew(units);
  }

  /** A viewer waits no longer: it gets what waits, or a part of the pictures would be missing. */
  hurry(viewer: VideoViewer): void {
    if (this.#viewers.has(viewer)) for (const { unit } of this.#waiting) viewer.send(unit);
  }

  /** A unit of the camera, in order. */
  push({ ptsUs, isKeyframe, packets, parameterSets, receivedAtMs }: PacketMessage): void {
    const unit: VideoUnit = {
      ptsUs,
      rtpTimestamp: rtpTimestampOf(ptsUs),
      isKeyframe,
      payloads: fitUnit(packets, parameterSets, this.#maxPayloadBytes),
    };
    this.#cache(unit);
    for (const viewer of this.#viewers) if (!viewer.waits) viewer.send(unit);
    this.#waiting.push({ unit, arrivedAtMs: receivedAtMs ?? this.#clock.nowMs() });
    this.#release();
  }

  /** The packets come from elsewhere now: what was kept is not continued. */
  reset(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#waiting = [];
    this.#gop = [];
    this.#gopBytes = 0;
    this.requestKeyframe = null;
    for (const viewer of this.#viewers) viewer.beginAnew([]);
  }

  #unitsFor(viewer: VideoViewer): VideoUnit[] {
    const waiting = new Set(viewer.waits ? this.#waiting.map(({ unit }) => unit) : []);
    return this.#gop.filter((unit) => !waiting.has(unit));
  }

  #cache(unit: VideoUnit): void {
    if (unit.isKeyframe) {
      this.#gop = [];
      this.#gopBytes = 0;
    } else if (this.#gop.length === 0) return;
    this.#gop.push(unit);
    for (const payload of unit.payloads) this.#gopBytes += payload.length;
    if (this.#gopBytes > MAX_CACHED_BYTES || this.#gop.length > MAX_CACHED_UNITS) this.#gop = [];
  }

  #release(): void {
    this.#cancel?.();
    this.#cancel = null;
    const now = this.#clock.nowMs();
    for (;;) {
      const next = this.#waiting[0];
      if (!next) return;
      const waitMs = next.arrivedAtMs + this.holdMs - now;
      if (waitMs > TIMER_SLACK_MS) {
        this.#cancel = this.#clock.after(waitMs, () => this.#release());
        return;
      }
      this.#waiting.shift();
      for (const viewer of this.#viewers) if (viewer.waits) viewer.send(next.unit);
    }
  }
}
