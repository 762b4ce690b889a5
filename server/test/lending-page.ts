/** A page that lends, for tests: signalling and werift as a browser would, but the detections are made up. */
import { RTCPeerConnection, type RTCDataChannel, useH264 } from 'werift';
import { WebSocket } from 'ws';
import { encodeDetections } from '../dist/core/protocol/detection-message.js';
import { decodeTracks } from '../dist/core/protocol/track-message.js';
import type { ClientMessage, LeaseTerms, ServerMessage } from '../dist/core/signalling/messages.js';

/** Told of each frame that arrives on a stream that is lent. */
export type LenderWork = (page: LendingPage, lease: LeaseTerms, rtpTimestamp: number) => void;

const MODEL = 'ab'.repeat(32);

/** Where the made-up vehicle is on a frame: its centre, shares of the picture. */
export function centreOf(rtpTimestamp: number): [x: number, y: number] {
  // Once across the middle of the picture in eight seconds.
  return [0.2 + 0.6 * ((rtpTimestamp / 90_000 / 8) % 1), 0.5];
}

/** What an honest page sends of a frame: one vehicle, found twice. */
export function honestRows(rtpTimestamp: number): Float32Array {
  const [x, y] = centreOf(rtpTimestamp);
  return Float32Array.from([x, y, 0.1, 0.1, 0.9, 0, x + 0.004, y, 0.1, 0.1, 0.7, 0]);
}

/** Answers each frame after `latencyMs`. */
export const honest =
  (latencyMs = 30): LenderWork =>
  (page, lease, rtpTimestamp) =>
    void setTimeout(() => page.sendRows(lease, rtpTimestamp, honestRows(rtpTimestamp)), latencyMs);

export class LendingPage {
  leases: LeaseTerms[] = [];
  reasons: string[] = [];
  error: string | null = null;
  /** Hold of each stream for this page, as it was told. */
  readonly holdMs = new Map<string, number>();
  /** When the first packet of each frame arrived (`performance.now()`). */
  readonly arrivals = new Map<number, number>();
  readonly trackArrivals = new Map<number, number>();
  /** What it does with its frames. */
  work: LenderWork = () => undefined;
  readonly #socket: WebSocket;
  readonly #connection: RTCPeerConnection;
  readonly #channel: RTCDataChannel;
  readonly #indexes = new Map<string, number>();
  readonly #streams: string[];
  #settled: (() => void) | null = null;

  static async open(url: string, streams: string[]): Promise<LendingPage> {
    const page = new LendingPage(url, streams);
    await new Promise<void>((resolve, reject) => {
      page.#settled = resolve;
      setTimeout(() => reject(new Error(`the page did not connect: ${page.error ?? 'no answer'}`)), 15_000).unref();
    });
    return page;
  }

  private constructor(url: string, streams: string[]) {
    this.#streams = streams;
    this.#connection = new RTCPeerConnection({
      codecs: { video: [useH264()], audio: [] },
      iceServers: [],
      iceInterfaceAddresses: { udp4: '127.0.0.1' },
      iceAdditionalHostAddresses: ['127.0.0.1'],
      iceUseIpv6: false,
    });
    for (const stream of streams) this.#receive(stream);
    const tracks = this.#connection.createDataChannel('tracks', { ordered: false, maxRetransmits: 1 });
    tracks.onMessage.subscribe((data) => {
      const { rtpTimestamp } = decodeTracks(new Uint8Array(data as Buffer));
      this.trackArrivals.set(rtpTimestamp, performance.now());
    });
    this.#channel = this.#connection.createDataChannel('detections', { ordered: false, maxRetransmits: 1 });
    this.#connection.connectionStateChange.subscribe((state) => {
      if (state !== 'connected') return;
      this.say({ type: 'watch', streams });
      this.#settled?.();
    });
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
    this.#socket.on('open', () => this.say({ type: 'hello', version: 1, mode: 'smooth' }));
    this.#socket.on('message', (data) => void this.#heard(JSON.parse((data as Buffer).toString()) as ServerMessage));
    this.#socket.on('error', (error) => (this.error = error.message));
  }

  say(message: ClientMessage): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  lend(detectionsPerS: number): void {
    this.say({ type: 'lend', offer: { backend: 'wasm', detectionsPerS, model: MODEL } });
  }

  withdraw(): void {
    this.say({ type: 'lend', offer: null });
  }

  /** Any bytes, on the channel for detections. */
  send(bytes: Uint8Array): void {
    if (this.#channel.readyState === 'open') this.#channel.send(Buffer.from(bytes));
  }

  sendRows(
    { lease, stream }: Pick<LeaseTerms, 'lease' | 'stream'>,
    rtpTimestamp: number,
    rows: Float32Array,
    more: { streamIndex?: number } = {},
  ): void {
    const streamIndex = more.streamIndex ?? this.#indexes.get(stream)!;
    const size = { sourceWidth: 640, sourceHeight: 360 };
    this.send(encodeDetections({ lease, streamIndex, rtpTimestamp, ...size, inferMs: 8, totalMs: 11, rows }));
  }

  /** As a page that is closed. */
  async close(): Promise<void> {
    this.work = () => undefined;
    this.#socket.close();
    await this.#connection.close();
  }

  /** As a machine that lost its power: the socket stays, nothing is said any more. */
  freeze(): void {
    this.work = () => undefined;
  }

  #receive(stream: string): void {
    const transceiver = this.#connection.addTransceiver('video', { direction: 'recvonly' });
    transceiver.onTrack.subscribe((track) => {
      let last = -1;
      track.onReceiveRtp.subscribe(({ header: { timestamp, marker } }) => {
        if (!this.arrivals.has(timestamp)) this.arrivals.set(timestamp, performance.now());
        if (!marker || timestamp === last) return;
        last = timestamp;
        const lease = this.leases.find((l) => l.stream === stream);
        if (lease) this.work(this, lease, timestamp);
      });
    });
  }

  async #heard(message: ServerMessage): Promise<void> {
    switch (message.type) {
      case 'welcome':
        for (const { id, index } of message.streams) this.#indexes.set(id, index);
        await this.#offer();
        return;
      case 'streams':
        for (const { id, holdMs } of message.streams) this.holdMs.set(id, holdMs);
        return;
      case 'answer':
        await this.#connection.setRemoteDescription({ type: 'answer', sdp: message.sdp });
        return;
      case 'candidate':
        if (message.candidate)
          await this.#connection.addIceCandidate({ candidate: message.candidate, sdpMid: message.mid ?? '0' });
        return;
      case 'leases':
        this.leases = message.leases;
        if (message.reason !== null) this.reasons.push(message.reason);
        return;
      case 'error':
        this.error = message.code;
        return;
      case 'pong':
    }
  }

  async #offer(): Promise<void> {
    await this.#connection.setLocalDescription(await this.#connection.createOffer());
    const mids = this.#connection.getTransceivers().map(({ mid }) => mid!);
    const streams = this.#streams.map((stream, i) => ({ mid: mids[i]!, stream }));
    this.say({ type: 'offer', sdp: this.#connection.localDescription!.sdp, streams });
  }
}
