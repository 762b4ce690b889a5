/** Ways of one track's packets to a reader. */
import type { Socket } from 'node:net';
import { frameInterleaved } from './message.js';
import type { PacketKind } from './mount.js';
import type { UdpPair } from './udp-pair.js';

export interface Outgoing {
  send(kind: PacketKind, packet: Buffer): void;
  close(): void;
}

/** Writes of the same turn of the event loop leave as one. */
export function corkForThisTurn(socket: Socket): void {
  if (socket.writableCorked > 0) return;
  socket.cork();
  process.nextTick(() => socket.uncork());
}

/** Interleaved in the control connection. The connection's owner bounds what waits in the socket. */
export class InterleavedOutgoing implements Outgoing {
  readonly #socket: Socket;
  readonly #channels: Record<PacketKind, number>;

  constructor(socket: Socket, channels: readonly [rtp: number, rtcp: number]) {
    this.#socket = socket;
    this.#channels = { rtp: channels[0], rtcp: channels[1] };
  }

  send(kind: PacketKind, packet: Buffer): void {
    corkForThisTurn(this.#socket);
    this.#socket.write(frameInterleaved(this.#channels[kind], packet));
  }

  close(): void {
    // The socket belongs to the connection.
  }
}

/** UDP to the reader's ports; owns the pair. What the network cannot take is lost, not kept. */
export class UdpOutgoing implements Outgoing {
  readonly #pair: UdpPair;
  readonly #address: string;
  readonly #ports: Record<PacketKind, number>;

  constructor(pair: UdpPair, address: string, ports: readonly [rtp: number, rtcp: number]) {
    this.#pair = pair;
    this.#address = address;
    this.#ports = { rtp: ports[0], rtcp: ports[1] };
  }

  send(kind: PacketKind, packet: Buffer): void {
    this.#pair.send(kind, packet, this.#ports[kind], this.#address);
  }

  close(): void {
    this.#pair.close();
  }
}
