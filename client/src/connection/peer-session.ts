import { encodeDetections } from '@lanecast/server/core/protocol/detection-message';
import { decodeTracks } from '@lanecast/server/core/protocol/track-message';
import {
  type ClientMessage,
  type LeaseTerms,
  type LendOffer,
  ServerMessage,
  SIGNALLING_VERSION,
  type StreamCarriage,
} from '@lanecast/server/core/signalling/messages';
import * as v from 'valibot';
import type { BrowserDetections } from '../detector/browser-detector.js';
import type { FrameMessage } from '../overlay/frame-message.js';
import type { PlayedFrame } from '../overlay/pts-estimator.js';
import type { ClockOffset } from './clock-offset.js';
import { fromWire } from './from-wire.js';
import { type LinkFailure, linkFailure, type LinkStep, stepOfClose, waitingFor } from './link-status.js';
import type { Carriage, VideoMode } from './live-link.svelte.js';
import { type InboundVideo, type ReceiverFigures, ReceiverMeter } from './receiver-figures.js';

const PING_EVERY_MS = 4000;
/** The page is busy when it opens: of a few pings soon after each other one comes back quickly, and tells the time well. */
const FIRST_PINGS_MS = [500, 1000, 1500, 2000, 2500];
/** Lines of streams that are gone stay in the description for good: with more of them a new connection is cheaper. */
const MAX_GONE_LINES = 32;
const SILENCE_MS = 15_000;
/** More than this waits to be sent: newer detections will do. */
const MAX_BUFFERED_BYTES = 64 << 10;

export interface SessionOptions {
  mode: VideoMode;
  watched: ReadonlySet<string>;
  clock: ClockOffset;
  onMedia: (media: ReadonlyMap<string, MediaStream>) => void;
  onCarriage: (carriage: ReadonlyMap<string, Carriage>) => void;
  onMessage: (id: string, message: FrameMessage) => void;
  /** What the server asks this page to detect on, if it lends. */
  onLeases: (leases: readonly LeaseTerms[], reason: string | null) => void;
  /** The peer connection stands: video can flow. */
  onReady: () => void;
  /** Called once, unless `close()` came first. */
  onEnd: (failure: LinkFailure) => void;
}

/** One attempt at live video, and what comes of it: a WebSocket for signalling and one peer connection for all streams. */
export class PeerSession {
  readonly #options: SessionOptions;
  readonly #socket: WebSocket;
  readonly #meter = new ReceiverMeter();
  readonly #lines = new Map<string, RTCRtpTransceiver>();
  readonly #ids = new Map<number, string>();
  readonly #candidates: RTCIceCandidateInit[] = [];
  #classes: readonly string[] = [];
  #carried: readonly string[] = [];
  #watched: ReadonlySet<string>;
  #peer: RTCPeerConnection | null = null;
  #detections: RTCDataChannel | null = null;
  #answered = false;
  #offering = false;
  #offerAgain = false;
  #ended = false;
  #pinger: ReturnType<typeof setInterval> | undefined;
  #firstPings: ReturnType<typeof setTimeout>[] = [];
  #heardAtMs = performance.now();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#watched = new Set(options.watched);
    const url = new URL('/ws', location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    this.#socket = new WebSocket(url);
    this.#socket.onopen = () => {
      this.#send({ type: 'hello', version: SIGNALLING_VERSION, mode: options.mode });
      this.#ping();
      this.#pinger = setInterval(() => this.#ping(), PING_EVERY_MS);
      this.#firstPings = FIRST_PINGS_MS.map((afterMs) => setTimeout(() => this.#ping(), afterMs));
    };
    this.#socket.onmessage = ({ data }) => void this.#receive(String(data));
    this.#socket.onclose = ({ code, reason }) =>
      this.#end(stepOfClose(code, this.#peer !== null && !this.#answered), reason);
  }

  setMode(mode: VideoMode): void {
    this.#send({ type: 'mode', mode });
  }

  lend(offer: LendOffer | null): void {
    this.#send({ type: 'lend', offer });
  }

  /** Dropped, with false, while too much waits to be sent. */
  sendDetections({ stream, rtpTimestamp, sourceWidth, sourceHeight, timings, rows }: BrowserDetections, lease: number) {
    const channel = this.#detections;
    const index = [...this.#ids].find(([, id]) => id === stream)?.[0];
    if (index === undefined || channel?.readyState !== 'open' || channel.bufferedAmount > MAX_BUFFERED_BYTES)
      return false;
    const { inferMs, totalMs } = timings;
    const frame = { lease, streamIndex: index, rtpTimestamp, sourceWidth, sourceHeight, inferMs, totalMs };
    channel.send(encodeDetections({ ...frame, rows }));
    return true;
  }

  /** The streams whose tiles can be seen. */
  watch(ids: ReadonlySet<string>): void {
    this.#watched = new Set(ids);
    if (this.#answered) this.#sendWatch();
  }

  /** The step that this attempt is at. */
  waitingFor(): LinkStep {
    return waitingFor({
      socketOpen: this.#socket.readyState === WebSocket.OPEN,
      answered: this.#answered,
      ice: this.#peer?.iceConnectionState ?? 'new',
      dtls: this.#peer?.connectionState ?? 'new',
    });
  }

  /** By stream, since the last call. */
  async receiverFigures(): Promise<Map<string, ReceiverFigures>> {
    const byStream = new Map<string, ReceiverFigures>();
    if (!this.#peer || this.#ended) return byStream;
    const report = await this.#peer.getStats();
    const inbound = [...(report.values() as Iterable<InboundVideo & { type: string; kind?: string }>)];
    const byLine = this.#meter.measure(inbound.filter(({ type, kind }) => type === 'inbound-rtp' && kind === 'video'));
    for (const [id, { mid }] of this.#lines) {
      const figures = mid === null ? undefined : byLine.get(mid);
      if (figures) byStream.set(id, figures);
    }
    return byStream;
  }

  /** The frame that the stream's receiver last gave to its video; null where the browser does not tell. */
  played(id: string): PlayedFrame | null {
    const receiver = this.#lines.get(id)?.receiver;
    const [source] = receiver?.getSynchronizationSources() ?? [];
    if (source?.rtpTimestamp === undefined) return null;
    const { rtpTimestamp, timestamp } = source;
    // Browsers count from 1970; the specification's own example counts from the page's start.
    return {
      rtpTimestamp,
      atMs: timestamp > performance.timeOrigin / 2 ? timestamp - performance.timeOrigin : timestamp,
    };
  }

  /** May be called twice. */
  close(): void {
    this.#ended = true;
    clearInterval(this.#pinger);
    for (const timer of this.#firstPings) clearTimeout(timer);
    this.#socket.close();
    this.#peer?.close();
  }

  async #receive(text: string): Promise<void> {
    if (this.#ended) return;
    this.#heardAtMs = performance.now();
    const parsed = v.safeParse(ServerMessage, parseJson(text));
    if (!parsed.success) {
      this.#end('signalling', 'its message is not understood');
      return;
    }
    const message = parsed.output;
    try {
      switch (message.type) {
        case 'welcome':
          this.#classes = message.classes;
          this.#openPeer();
          this.#setStreams(message.streams);
          return;
        case 'streams':
          this.#setStreams(message.streams);
          return;
        case 'answer':
          await this.#peer?.setRemoteDescription({ type: 'answer', sdp: message.sdp });
          await this.#useCandidates();
          this.#afterAnswer();
          return;
        case 'candidate':
          if (message.candidate !== null) this.#candidates.push({ candidate: message.candidate, sdpMid: message.mid });
          await this.#useCandidates();
          return;
        case 'leases':
          this.#options.onLeases(message.leases, message.reason);
          return;
        case 'pong':
          this.#options.clock.add(message.sentAtMs, message.serverEpochMs, epochMs());
          return;
        case 'error':
          this.#end('signalling', message.message);
      }
    } catch (error) {
      this.#end('signalling', error instanceof Error ? error.message : String(error));
    }
  }

  /** Candidates may come before the answer, where the browser would refuse them. */
  async #useCandidates(): Promise<void> {
    if (!this.#peer?.remoteDescription) return;
    for (const candidate of this.#candidates.splice(0)) await this.#peer.addIceCandidate(candidate);
  }

  #openPeer(): void {
    const peer = new RTCPeerConnection();
    this.#peer = peer;
    const channel = peer.createDataChannel('tracks', { ordered: false, maxRetransmits: 1 });
    channel.binaryType = 'arraybuffer';
    channel.onmessage = ({ data }) => this.#onTracks(data as ArrayBuffer);
    // In the first offer, whether this page lends or not: a page that begins to need not negotiate anew.
    this.#detections = peer.createDataChannel('detections', { ordered: false, maxRetransmits: 1 });
    peer.onicecandidate = ({ candidate }) =>
      this.#send({ type: 'candidate', candidate: candidate?.candidate ?? null, mid: candidate?.sdpMid ?? null });
    peer.onconnectionstatechange = () => {
      if (peer.connectionState === 'connected') this.#options.onReady();
      else if (peer.connectionState === 'failed') this.#end(peer.iceConnectionState === 'failed' ? 'ice' : 'dtls');
    };
  }

  #setStreams(streams: readonly StreamCarriage[]): void {
    this.#ids.clear();
    for (const { id, index } of streams) this.#ids.set(index, id);
    this.#options.onCarriage(
      new Map(
        streams.map(({ id, carriage, reason, holdMs }): [string, Carriage] => [
          id,
          carriage !== 'mjpeg'
            ? { kind: 'webrtc', holdMs, transcoded: carriage === 'transcoded' ? reason : null }
            : { kind: 'mjpeg', reason: reason ?? 'WebRTC cannot carry this stream' },
        ]),
      ),
    );
    const known = new Set(streams.map(({ id }) => id));
    if ([...this.#lines.keys()].filter((id) => !known.has(id)).length > MAX_GONE_LINES) {
      this.#end('signalling', 'many cameras were removed, so it is made anew');
      return;
    }
    const carried = streams.filter(({ carriage }) => carriage !== 'mjpeg').map(({ id }) => id);
    if (this.#answered && carried.join('\n') === this.#carried.join('\n')) return;
    this.#carried = carried;
    void this.#offer();
  }

  /** One offer at a time; what changes meanwhile goes into the next. */
  async #offer(): Promise<void> {
    const peer = this.#peer;
    if (!peer) return;
    if (this.#offering) {
      this.#offerAgain = true;
      return;
    }
    this.#offering = true;
    for (const id of this.#carried) if (!this.#lines.has(id)) this.#lines.set(id, receiveVideo(peer));
    for (const [id, line] of this.#lines) line.direction = this.#carried.includes(id) ? 'recvonly' : 'inactive';
    try {
      await peer.setLocalDescription();
      const streams = [...this.#lines].flatMap(([stream, { mid }]) =>
        mid !== null && this.#carried.includes(stream) ? [{ mid, stream }] : [],
      );
      this.#send({ type: 'offer', sdp: peer.localDescription?.sdp ?? '', streams });
    } catch (error) {
      this.#end('signalling', error instanceof Error ? error.message : String(error));
    }
  }

  #afterAnswer(): void {
    this.#offering = false;
    this.#answered = true;
    this.#sendWatch();
    const media = new Map<string, MediaStream>();
    for (const [id, line] of this.#lines)
      if (this.#carried.includes(id)) media.set(id, new MediaStream([line.receiver.track]));
    this.#options.onMedia(media);
    if (!this.#offerAgain) return;
    this.#offerAgain = false;
    void this.#offer();
  }

  #onTracks(data: ArrayBuffer): void {
    const wire = decodeTracks(data);
    const id = this.#ids.get(wire.streamIndex);
    if (id !== undefined) this.#options.onMessage(id, fromWire(wire, this.#classes));
  }

  #sendWatch(): void {
    this.#send({ type: 'watch', streams: [...this.#watched] });
  }

  #ping(): void {
    if (performance.now() - this.#heardAtMs > SILENCE_MS) {
      this.#end('websocket', 'the server fell silent');
      return;
    }
    this.#send({ type: 'ping', sentAtMs: epochMs() });
  }

  #send(message: ClientMessage): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #end(step: LinkStep, detail?: string): void {
    if (this.#ended) return;
    this.close();
    this.#options.onEnd(linkFailure(step, detail || undefined));
  }
}

/** The server holds video as long as it is good for; the browser adds nothing. */
function receiveVideo(peer: RTCPeerConnection): RTCRtpTransceiver {
  const line = peer.addTransceiver('video', { direction: 'recvonly' });
  // Not every browser has it, and TypeScript does not know it yet.
  (line.receiver as { jitterBufferTarget?: number | null }).jitterBufferTarget = 0;
  return line;
}

/** Wall clock with a fraction of a millisecond. */
export function epochMs(): number {
  return performance.timeOrigin + performance.now();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
