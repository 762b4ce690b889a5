import dgram from 'node:dgram';
import net from 'node:net';
import { messageOf } from '../../core/errors.js';
import { rtspError } from './rtsp-errors.js';

export interface UdpMediaHandlers {
  /** The datagram belongs to the callee. */
  onRtp: (datagram: Uint8Array) => void;
  onRtcp: (datagram: Uint8Array) => void;
  /** A datagram that did not come from the server. */
  onForeign: () => void;
}

/** A 1080p keyframe arrives in one burst; the usual 208 KiB of the kernel are too few. */
const RECEIVE_BUFFER_BYTES = 2 * 1024 * 1024;
const MAX_BIND_ATTEMPTS = 30;
/** An RTP header without payload opens the way through a NAT or stateful firewall; servers ignore it. */
const PUNCH_PACKET = Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

/** The pair of UDP sockets of one stream: RTP on an even port, RTCP on the next (RFC 3550, section 11). */
export class UdpMedia {
  readonly #rtp: dgram.Socket;
  readonly #rtcp: dgram.Socket;
  readonly #serverAddress: string;
  #serverPorts: [number, number] | null = null;
  #closed = false;

  private constructor(rtp: dgram.Socket, rtcp: dgram.Socket, serverAddress: string, handlers: UdpMediaHandlers) {
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    this.#serverAddress = serverAddress;
    const server = normalised(serverAddress);
    const listen = (socket: dgram.Socket, deliver: (datagram: Uint8Array) => void): void => {
      socket.on('message', (message, sender) => {
        if (this.#closed) return;
        if (normalised(sender.address) === server) deliver(ownMemory(message));
        else handlers.onForeign();
      });
      // A failed send (network down for a moment) shows as silence soon enough.
      socket.on('error', () => undefined);
    };
    listen(rtp, handlers.onRtp);
    listen(rtcp, handlers.onRtcp);
  }

  /**
   * Binds a pair of ports on the address that the RTSP connection uses.
   * @throws LanecastError `rtsp-internal` if no pair is free
   */
  static async open(localAddress: string, serverAddress: string, handlers: UdpMediaHandlers): Promise<UdpMedia> {
    const local = bindAddress(localAddress);
    let lastError: unknown = null;
    for (let attempt = 0; attempt < MAX_BIND_ATTEMPTS; attempt++) {
      let first: dgram.Socket | null = null;
      try {
        first = await bindSocket(local, 0);
        const port = first.address().port;
        const even = port % 2 === 0;
        const second = await bindSocket(local, even ? port + 1 : port - 1);
        return new UdpMedia(even ? first : second, even ? second : first, unmapped(serverAddress), handlers);
      } catch (error) {
        first?.close();
        lastError = error;
      }
    }
    throw rtspError(
      'rtsp-internal',
      `No free pair of UDP ports on ${local}: ${messageOf(lastError)}; use tcp for this stream`,
      lastError,
    );
  }

  /** The RTP port; RTCP is on the next. */
  get rtpPort(): number {
    return this.#rtp.address().port;
  }

  setServerPorts(ports: [number, number] | null): void {
    this.#serverPorts = ports && ports[0] > 0 && ports[1] > 0 ? ports : null;
  }

  /** Opens the way for incoming RTP; to be repeated now and then, because firewalls forget. */
  punch(): void {
    if (this.#serverPorts) this.#send(this.#rtp, PUNCH_PACKET, this.#serverPorts[0]);
  }

  sendRtcp(packet: Uint8Array): void {
    if (this.#serverPorts) this.#send(this.#rtcp, packet, this.#serverPorts[1]);
  }

  /** May be called twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#rtp.close();
    this.#rtcp.close();
  }

  #send(socket: dgram.Socket, packet: Uint8Array, port: number): void {
    // The callback takes the error that would otherwise become an 'error' event.
    if (!this.#closed) socket.send(packet, port, this.#serverAddress, () => undefined);
  }
}

async function bindSocket(address: string, port: number): Promise<dgram.Socket> {
  const socket = dgram.createSocket({ type: net.isIPv6(address) ? 'udp6' : 'udp4' });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ port, address, exclusive: true }, () => {
        socket.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    socket.close();
    throw error;
  }
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  } catch {
    // The system's limit is lower: its default stays.
  }
  return socket;
}

/** Link-local IPv6 addresses cannot be bound without their zone, which the TCP socket does not tell. */
function bindAddress(localAddress: string): string {
  const address = unmapped(localAddress);
  return /^fe[89ab]/i.test(address) ? '::' : address;
}

/** `::ffff:10.0.0.1` is `10.0.0.1`. */
function unmapped(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

function normalised(address: string): string {
  return unmapped(address).toLowerCase().replace(/%.*$/, '');
}

/** Node gives each datagram memory of its own; should that change, it is copied. */
function ownMemory(message: Buffer): Uint8Array {
  const owned = message.byteOffset === 0 && message.buffer.byteLength === message.length;
  return owned ? new Uint8Array(message.buffer) : new Uint8Array(message);
}
