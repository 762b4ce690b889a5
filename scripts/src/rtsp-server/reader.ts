/** The reading side of a connection: SETUP of each track, then PLAY; packets of the mount go out over TCP or UDP. */
import type { Socket } from 'node:net';
import type { Mount, MountReader, PacketKind } from './mount.js';
import { InterleavedOutgoing, UdpOutgoing, type Outgoing } from './outgoing.js';
import type { SdpTrack } from './sdp.js';
import type { TransportRequest } from './transport-header.js';
import { UdpPair } from './udp-pair.js';

export interface ReaderEvents {
  /** RTCP came from the reader: it lives. */
  onAlive(): void;
  /** More than the limit waits in the socket: the reader does not read. */
  onOverflow(): void;
  /** The publisher has gone. */
  onEnd(): void;
}

export class Reader implements MountReader {
  readonly mount: Mount;
  playing = false;
  readonly #socket: Socket;
  readonly #maxPendingBytes: number;
  readonly #events: ReaderEvents;
  readonly #outgoing = new Map<number, Outgoing>();
  #closed = false;

  constructor(mount: Mount, socket: Socket, maxPendingBytes: number, events: ReaderEvents) {
    this.mount = mount;
    this.#socket = socket;
    this.#maxPendingBytes = maxPendingBytes;
    this.#events = events;
  }

  get hasTracks(): boolean {
    return this.#outgoing.size > 0;
  }

  /** Opens a track's way out; returns the Transport header of the answer. */
  async setup(
    track: SdpTrack,
    transport: TransportRequest,
    localAddress: string,
    remoteAddress: string,
  ): Promise<string> {
    this.#outgoing.get(track.index)?.close();
    if (transport.kind === 'tcp') {
      const channels = transport.channels ?? [track.index * 2, track.index * 2 + 1];
      this.#outgoing.set(track.index, new InterleavedOutgoing(this.#socket, channels));
      return `RTP/AVP/TCP;unicast;interleaved=${channels[0]}-${channels[1]}`;
    }
    const pair = await UdpPair.bind(localAddress);
    if (this.#closed) pair.close();
    pair.onPacket(() => this.#events.onAlive());
    this.#outgoing.set(track.index, new UdpOutgoing(pair, remoteAddress, transport.clientPorts));
    const [rtp, rtcp] = transport.clientPorts;
    return `RTP/AVP;unicast;client_port=${rtp}-${rtcp};server_port=${pair.rtpPort}-${pair.rtpPort + 1}`;
  }

  play(): void {
    if (this.playing || this.#closed) return;
    this.playing = true;
    this.mount.add(this);
  }

  wants(trackIndex: number): boolean {
    return this.#outgoing.has(trackIndex);
  }

  send(trackIndex: number, kind: PacketKind, packet: Buffer): void {
    if (this.#closed) return;
    this.#outgoing.get(trackIndex)?.send(kind, packet);
    if (this.#socket.writableLength > this.#maxPendingBytes) this.#events.onOverflow();
  }

  end(): void {
    this.#events.onEnd();
  }

  /** Leaves the mount and closes the UDP ports. May be called twice. */
  close(): void {
    this.#closed = true;
    this.mount.remove(this);
    for (const outgoing of this.#outgoing.values()) outgoing.close();
    this.#outgoing.clear();
  }
}
