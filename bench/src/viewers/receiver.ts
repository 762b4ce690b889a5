import ndc from 'node-datachannel';
import { WebSocket } from 'ws';
import type { ServerMessage, StreamCarriage } from '@lanecast/server/core/signalling/messages';
import { SequenceCount } from './sequence-count.js';

const H264 = 96;
const RTX = 97;
const RTP_HEADER_BYTES = 12;

type Connection = InstanceType<typeof ndc.PeerConnection>;

/** A viewer that takes packets and track messages and looks no further: no picture is decoded. */
export class Receiver {
  readonly streams = new Map<string, SequenceCount>();
  tracks = 0;
  tracksBytes = 0;
  bytes = 0;
  connected = false;
  ended: string | null = null;
  readonly #socket: WebSocket;
  readonly #connection: Connection;
  readonly #kept: unknown[] = [];
  readonly #candidates: string[] = [];
  #answered = false;

  constructor(url: string) {
    this.#connection = new ndc.PeerConnection('receiver', {
      iceServers: [],
      bindAddress: '127.0.0.1',
      disableAutoNegotiation: true,
    });
    this.#connection.onStateChange((state) => {
      this.connected = state === 'connected';
      if (state === 'failed' || state === 'closed') this.ended ??= `the connection ${state}`;
    });
    this.#socket = new WebSocket(url);
    this.#socket.on('open', () => this.#say({ type: 'hello', version: 1, mode: 'smooth' }));
    this.#socket.on('message', (data: Buffer) => this.#hear(JSON.parse(data.toString()) as ServerMessage));
    this.#socket.on('close', (_, reason) => (this.ended ??= `the server closed the signalling: ${reason.toString()}`));
    this.#socket.on('error', (error) => (this.ended ??= error.message));
  }

  /** Leaves as a browser does that closes its page. */
  close(): void {
    this.#socket.close();
    this.#connection.close();
  }

  #say(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }

  #hear(message: ServerMessage): void {
    if (message.type === 'welcome') this.#offer(message.streams);
    else if (message.type === 'answer') {
      this.#connection.setRemoteDescription(message.sdp, 'answer');
      this.#answered = true;
      for (const candidate of this.#candidates.splice(0)) this.#connection.addRemoteCandidate(candidate, '0');
    } else if (message.type === 'candidate' && message.candidate !== null) {
      const candidate = message.candidate.replace(/^(?:a=)?/, 'a=');
      if (this.#answered) this.#connection.addRemoteCandidate(candidate, '0');
      else this.#candidates.push(candidate);
    } else if (message.type === 'error') this.ended ??= message.message;
  }

  #offer(carriages: readonly StreamCarriage[]): void {
    const streams = carriages.map(({ id }, i) => ({ mid: `v${i}`, stream: id }));
    for (const { mid, stream } of streams) this.#open(mid, stream);
    const channel = this.#connection.createDataChannel('tracks', { unordered: true, maxRetransmits: 1 });
    channel.onMessage((data) => {
      this.tracks++;
      this.tracksBytes += (data as Buffer).byteLength;
    });
    this.#kept.push(channel);
    let offered = false;
    this.#connection.onGatheringStateChange((state) => {
      const sdp = this.#connection.localDescription()?.sdp;
      if (state !== 'complete' || offered || !sdp) return;
      offered = true;
      this.#say({ type: 'offer', sdp, streams });
      this.#say({ type: 'watch', streams: streams.map(({ stream }) => stream) });
    });
    this.#connection.setLocalDescription('offer');
  }

  #open(mid: string, stream: string): void {
    const video = new ndc.Video(mid, 'RecvOnly');
    video.addH264Codec(H264);
    video.addRTXCodec(RTX, H264, 90_000);
    const count = new SequenceCount();
    this.streams.set(stream, count);
    const track = this.#connection.addTrack(video);
    track.onMessage((packet) => {
      if (packet.length < RTP_HEADER_BYTES || (packet[1]! & 0x7f) !== H264) return;
      this.bytes += packet.length;
      count.take(packet.readUInt16BE(2));
    });
    this.#kept.push(track);
  }
}
