import type { Clock } from '../../core/clock.js';
import type { Peer } from './peer.js';
import type { VideoUnit, VideoViewer } from './stream-video.js';

/**
 * So many packets go at once, and so many a millisecond after that: bursts of whole groups of pictures overflow the
 * viewer's socket (measured with eight at 720p), while a keyframe must not wait.
 */
const BURST_PACKETS = 64;
const PACKETS_PER_MS = 10;
const PACE_MS = 3;
/** A viewer that is so far behind begins anew at the next keyframe. */
const MAX_QUEUED_PACKETS = 8000;

/** Sends one stream's units to one viewer: paced, from a keyframe on, never backwards unless told to begin anew. */
export class VideoSender implements VideoViewer {
  waits: boolean;
  packetsSent = 0;
  bytesSent = 0;
  /** Not sent, because this viewer was too far behind. */
  unitsDropped = 0;
  readonly #peer: Pick<Peer, 'sendRtp'>;
  readonly #stream: string;
  readonly #clock: Clock;
  #queue: { timestamp: number; marker: boolean; payload: Uint8Array }[] = [];
  #head = 0;
  #sequenceNumber: number;
  #lastPtsUs = -1;
  #needsKeyframe = true;
  #budget = BURST_PACKETS;
  #refilledAtMs = 0;
  #cancel: (() => void) | null = null;

  constructor(peer: Pick<Peer, 'sendRtp'>, stream: string, waits: boolean, clock: Clock, firstSequenceNumber = 0) {
    this.#peer = peer;
    this.#stream = stream;
    this.waits = waits;
    this.#clock = clock;
    this.#sequenceNumber = firstSequenceNumber & 0xffff;
  }

  get queuedPackets(): number {
    return this.#queue.length - this.#head;
  }

  send(unit: VideoUnit): void {
    if (unit.ptsUs <= this.#lastPtsUs) return;
    if (this.queuedPackets > MAX_QUEUED_PACKETS) this.pause();
    if (this.#needsKeyframe && !unit.isKeyframe) {
      this.unitsDropped++;
      return;
    }
    this.#needsKeyframe = false;
    this.#lastPtsUs = unit.ptsUs;
    const last = unit.payloads.length - 1;
    unit.payloads.forEach((payload, i) => {
      this.#queue.push({ timestamp: unit.rtpTimestamp, marker: i === last, payload });
    });
    if (!this.#cancel) this.#drain();
  }

  /** The viewer lost the thread: these units, from a keyframe on, although they were sent before. */
  beginAnew(units: readonly VideoUnit[]): void {
    this.pause();
    this.#lastPtsUs = -1;
    for (const unit of units) this.send(unit);
  }

  /** What comes next does not follow what was sent: it begins with a keyframe. */
  pause(): void {
    this.#queue = [];
    this.#head = 0;
    this.#needsKeyframe = true;
  }

  /** May be called twice. */
  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.pause();
  }

  #drain(): void {
    const now = this.#clock.nowMs();
    this.#budget = Math.min(BURST_PACKETS, this.#budget + (now - this.#refilledAtMs) * PACKETS_PER_MS);
    this.#refilledAtMs = now;
    while (this.#budget >= 1 && this.#head < this.#queue.length) {
      const next = this.#queue[this.#head++]!;
      this.#budget--;
      this.#peer.sendRtp(this.#stream, { sequenceNumber: this.#sequenceNumber, ...next });
      this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
      this.packetsSent++;
      this.bytesSent += next.payload.length;
    }
    if (this.#head >= this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
      return;
    }
    this.#cancel = this.#clock.after(PACE_MS, () => {
      this.#cancel = null;
      this.#drain();
    });
  }
}
