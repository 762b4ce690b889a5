import type { Peer } from './peer.js';
import type { VideoUnit, VideoViewer } from './stream-video.js';
import type { PacedQueue, ViewerPacer } from './viewer-pacer.js';

/** A viewer that is so far behind begins anew at the next keyframe. */
const MAX_QUEUED_PACKETS = 8000;

/** Sends one stream's units to one viewer: paced, from a keyframe on, never backwards unless told to begin anew. */
export class VideoSender implements VideoViewer, PacedQueue {
  waits: boolean;
  packetsSent = 0;
  bytesSent = 0;
  /** Not sent, because this viewer was too far behind. */
  unitsDropped = 0;
  queuedPackets = 0;
  readonly #peer: Pick<Peer, 'sendRtp'>;
  readonly #stream: string;
  readonly #pacer: Pick<ViewerPacer, 'serve'>;
  #units: VideoUnit[] = [];
  /** Of the first unit: so many packets of it were sent. */
  #sentOfFirst = 0;
  #sequenceNumber: number;
  #lastPtsUs = -1;
  #needsKeyframe = true;

  /** @param pacer of the viewer, for all its streams */
  constructor(
    peer: Pick<Peer, 'sendRtp'>,
    stream: string,
    waits: boolean,
    pacer: Pick<ViewerPacer, 'serve'>,
    firstSequenceNumber = 0,
  ) {
    this.#peer = peer;
    this.#stream = stream;
    this.waits = waits;
    this.#pacer = pacer;
    this.#sequenceNumber = firstSequenceNumber & 0xffff;
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
    if (unit.payloads.length === 0) return;
    this.#units.push(unit);
    this.queuedPackets += unit.payloads.length;
    this.#pacer.serve(this);
  }

  /** The viewer lost the thread: these units, from a keyframe on, although they were sent before. */
  beginAnew(units: readonly VideoUnit[]): void {
    this.pause();
    this.#lastPtsUs = -1;
    for (const unit of units) this.send(unit);
  }

  /** What comes next does not follow what was sent: it begins with a keyframe. */
  pause(): void {
    this.#units = [];
    this.#sentOfFirst = 0;
    this.queuedPackets = 0;
    this.#needsKeyframe = true;
  }

  /** Called by the pacer while packets are queued. */
  sendNext(): void {
    const { rtpTimestamp, payloads } = this.#units[0]!;
    const payload = payloads[this.#sentOfFirst++]!;
    const marker = this.#sentOfFirst === payloads.length;
    if (marker) {
      this.#units.shift();
      this.#sentOfFirst = 0;
    }
    this.queuedPackets--;
    this.packetsSent++;
    this.bytesSent += payload.length;
    const sequenceNumber = this.#sequenceNumber;
    this.#sequenceNumber = (sequenceNumber + 1) & 0xffff;
    this.#peer.sendRtp(this.#stream, { sequenceNumber, timestamp: rtpTimestamp, marker, payload });
  }
}
