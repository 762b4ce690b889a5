import type { Clock } from '../../core/clock.js';
import { LentGate } from './lent-gate.js';
import type { MediaLine, Peer } from './peer.js';
import type { StreamVideo } from './stream-video.js';
import { VideoSender } from './video-sender.js';
import { ViewerPacer } from './viewer-pacer.js';

/** Reports of lost pictures within this time of the last answer are about the same loss. */
const REPEAT_AFTER_MS = 700;

/** One viewer in the media worker: its peer, and which streams flow to it. */
export class MediaViewer {
  tracksSent = 0;
  tracksDropped = 0;
  pictureLosses = 0;
  /** Before the detections that this viewer sends. */
  readonly lentGate = new LentGate();
  readonly #peer: Peer;
  readonly #clock: Clock;
  readonly #pacer: ViewerPacer;
  readonly #video: (stream: string) => StreamVideo;
  readonly #senders = new Map<string, { sender: VideoSender; video: StreamVideo; repeatedAtMs: number }>();
  #offered: readonly MediaLine[] = [];
  #watched: ReadonlySet<string> = new Set();
  #waits: boolean;
  /** Streams that this viewer detects on. */
  #lent: ReadonlySet<string> = new Set();
  #connected = false;
  #closed = false;

  constructor(peer: Peer, waits: boolean, clock: Clock, video: (stream: string) => StreamVideo) {
    this.#peer = peer;
    this.#waits = waits;
    this.#clock = clock;
    this.#pacer = new ViewerPacer(clock);
    this.#video = video;
  }

  get sent(): { packets: number; bytes: number; dropped: number } {
    const sum = { packets: 0, bytes: 0, dropped: 0 };
    for (const { sender } of this.#senders.values()) {
      sum.packets += sender.packetsSent;
      sum.bytes += sender.bytesSent;
      sum.dropped += sender.unitsDropped;
    }
    return sum;
  }

  async answer(sdp: string, lines: readonly MediaLine[]): Promise<string> {
    const answer = await this.#peer.answer(sdp, lines);
    this.#offered = lines;
    this.#follow();
    return answer;
  }

  addCandidate(candidate: string, mid: string | null): Promise<void> {
    return this.#peer.addCandidate(candidate, mid);
  }

  connected(): void {
    this.#connected = true;
    this.#follow();
  }

  watch(streams: readonly string[]): void {
    this.#watched = new Set(streams);
    this.#follow();
  }

  setWaits(waits: boolean): void {
    this.#waits = waits;
    this.#followWaits();
  }

  /** Detections are taken from it or not; video of the streams that it detects on does not wait for them. */
  setLent(mayLend: boolean, streams: readonly string[]): void {
    this.lentGate.isOpen = mayLend;
    this.#lent = new Set(streams);
    this.#followWaits();
  }

  pictureLost(stream: string): void {
    const entry = this.#senders.get(stream);
    const now = this.#clock.nowMs();
    if (!entry || now - entry.repeatedAtMs < REPEAT_AFTER_MS) return;
    entry.repeatedAtMs = now;
    this.pictureLosses++;
    entry.video.repeat(entry.sender);
  }

  sendTracks(stream: string, message: Uint8Array): void {
    if (!this.#connected || !this.#watched.has(stream)) return;
    const sent = this.#peer.sendTracks(message);
    if (sent) this.tracksSent++;
    else if (sent === false) this.tracksDropped++;
  }

  /** May be called twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connected = false;
    for (const { sender, video } of this.#senders.values()) {
      video.remove(sender);
      sender.pause();
    }
    this.#pacer.close();
    this.#peer.close();
  }

  #waitsFor(stream: string): boolean {
    return this.#waits && !this.#lent.has(stream);
  }

  #followWaits(): void {
    for (const [id, { sender, video }] of this.#senders) {
      const waits = this.#waitsFor(id);
      if (sender.waits && !waits) video.hurry(sender);
      sender.waits = waits;
    }
  }

  /** Starts and stops senders, so that they are those of the offered streams that are watched. */
  #follow(): void {
    const wanted = new Set(this.#offered.map(({ stream }) => stream).filter((id) => this.#watched.has(id)));
    for (const [id, { sender, video }] of this.#senders) {
      if (wanted.has(id) && this.#peer.canSend(id)) continue;
      video.remove(sender);
      sender.pause();
    }
    if (!this.#connected || this.#closed) return;
    for (const id of wanted) {
      if (!this.#peer.canSend(id)) continue;
      let entry = this.#senders.get(id);
      if (!entry) {
        // Below 2^15, so that the first wrap comes late (RFC 3711, 3.3.1, says why).
        const first = Math.floor(Math.random() * 2 ** 15);
          const sender = new VideoSender(this.#peer, id, this.#waitsFor(id), this.#pacer, first);
        entry = { sender, video: this.#video(id), repeatedAtMs: this.#clock.nowMs() };
        this.#senders.set(id, entry);
      }
      entry.video.add(entry.sender);
    }
  }
}
