/** A pair of UDP sockets on neighbouring ports: RTP on the even one, RTCP on the next (RFC 3550, section 11). */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { LanecastError } from '@lanecast/server/core/errors';
import type { PacketKind } from './mount.js';

const ATTEMPTS = 50;
const RECEIVE_BUFFER_BYTES = 1 << 20;

export class UdpPair {
  /** The RTP port; RTCP is the next one. */
  readonly rtpPort: number;
  readonly #sockets: Record<PacketKind, Socket>;

  private constructor(rtp: Socket, rtcp: Socket) {
    this.#sockets = { rtp, rtcp };
    this.rtpPort = rtp.address().port;
    for (const socket of [rtp, rtcp]) {
      // A port that nobody listens on any more shows as an error of the next send; the control connection tells the rest.
      socket.on('error', () => undefined);
      try {
        socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
      } catch {
        // The system's default size serves too.
      }
    }
  }

  /**
   * Binds a free pair on `host`.
   * @throws LanecastError `rtsp-server-udp-ports` when none was found.
   */
  static async bind(host: string): Promise<UdpPair> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const first = await bindPort(host, 0);
      if (first === null) break;
      const port = first.address().port;
      const second = await bindPort(host, port % 2 === 0 ? port + 1 : port - 1);
      if (second !== null) return port % 2 === 0 ? new UdpPair(first, second) : new UdpPair(second, first);
      first.close();
    }
    throw new LanecastError(
      'rtsp-server-udp-ports',
      `Looking for two free neighbouring UDP ports on ${host}: none in ${ATTEMPTS} tries. Close other streams, or use TCP.`,
    );
  }

  onPacket(listener: (kind: PacketKind, packet: Buffer, from: RemoteInfo) => void): void {
    this.#sockets.rtp.on('message', (packet, from) => listener('rtp', packet, from));
    this.#sockets.rtcp.on('message', (packet, from) => listener('rtcp', packet, from));
  }

  send(kind: PacketKind, packet: Buffer, port: number, address: string): void {
    this.#sockets[kind].send(packet, port, address);
  }

  close(): void {
    for (const socket of Object.values(this.#sockets)) {
      try {
        socket.close();
      } catch {
        // Closed before.
      }
    }
  }
}

async function bindPort(host: string, port: number): Promise<Socket | null> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  try {
    socket.bind({ address: host, port, exclusive: true });
    await once(socket, 'listening');
    return socket;
  } catch {
    socket.close();
    return null;
  }
}
