/**
 * A small RTSP 1.0 relay (RFC 2326) for demos and tests: publishers ANNOUNCE and RECORD, readers DESCRIBE and PLAY, over
 * interleaved TCP or UDP. RTP and RTCP pass through unchanged; readers start at a keyframe. One session per connection.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '@lanecast/server/core/clock';
import { LanecastError, messageOf } from '@lanecast/server/core/errors';
import { systemClock } from '@lanecast/server/ops/clock';
import { Authenticator, type ReaderCredentials } from './auth.js';
import { Connection, type ConnectionContext } from './connection.js';
import type { PacketFilter } from './mount.js';
import { MountTable } from './mount-table.js';

export interface RtspServerOptions {
  /** Default 127.0.0.1: the relay lets anybody publish who can connect. */
  host?: string;
  /** 0 takes a free one. */
  port: number;
  /** What readers must present. Default: nothing. */
  credentials?: ReaderCredentials;
  /** A reader over TCP with more than this waiting is dropped. Default 4 MiB. */
  maxPendingBytes?: number;
  /** A reader that sends neither requests nor RTCP for this long is closed. Default 60,000. */
  sessionTimeoutMs?: number;
  clock?: Clock;
}

export interface PublishedPath {
  path: string;
  readers: number;
  /** RTP packets received since its publisher came. */
  rtpPackets: number;
}

export class RtspServer {
  readonly host: string;
  readonly port: number;
  readonly #server: Server;
  readonly #mounts: MountTable;
  readonly #filters: Map<string, PacketFilter>;
  readonly #connections = new Set<Connection>();
  #droppedReaders = 0;
  #closing: Promise<void> | null = null;

  private constructor(server: Server, options: RtspServerOptions) {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new TypeError('not a listening TCP server');
    this.#server = server;
    this.host = options.host ?? '127.0.0.1';
    this.port = address.port;
    this.#mounts = new MountTable();
    this.#filters = new Map();
    const context: ConnectionContext = {
      mounts: this.#mounts,
      authenticator: options.credentials === undefined ? null : new Authenticator(options.credentials),
      filterOf: (path) => this.#filters.get(path),
      maxPendingBytes: options.maxPendingBytes ?? 4 * 1024 * 1024,
      sessionTimeoutMs: options.sessionTimeoutMs ?? 60_000,
      clock: options.clock ?? systemClock,
      onReaderDropped: () => {
        this.#droppedReaders++;
      },
    };
    server.on('connection', (socket: Socket) => {
      const connection = new Connection(socket, context);
      this.#connections.add(connection);
      socket.once('close', () => this.#connections.delete(connection));
    });
  }

  /**
   * Listens; resolves when clients can connect. The caller closes it.
   * @throws LanecastError `rtsp-server-listen` when the address cannot be had (the port is in use, say).
   */
  static async listen(options: RtspServerOptions): Promise<RtspServer> {
    const host = options.host ?? '127.0.0.1';
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => reject(listenError(host, options.port, cause)));
      server.listen({ host, port: options.port, exclusive: true }, resolve);
    });
    return new RtspServer(server, options);
  }

  /** `rtsp://host:port/path`; without credentials. */
  url(path: string): string {
    const host = this.host.includes(':') ? `[${this.host}]` : this.host;
    return `rtsp://${host}:${this.port}/${path}`;
  }

  /** The paths that have a publisher. */
  paths(): PublishedPath[] {
    return this.#mounts
      .mounts()
      .map((mount) => ({ path: mount.path, readers: mount.readerCount, rtpPackets: mount.rtpPackets }));
  }

  /** Readers that were closed because they did not read. */
  get droppedReaders(): number {
    return this.#droppedReaders;
  }

  /** Lets `filter` see each packet of a path before its readers do; undefined takes it away. It outlives publishers. */
  setFilter(path: string, filter: PacketFilter | undefined): void {
    if (filter === undefined) this.#filters.delete(path);
    else this.#filters.set(path, filter);
  }

  /** Closes every connection and the port. May be called twice. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const connection of this.#connections) connection.close();
    });
    return this.#closing;
  }
}

function listenError(host: string, port: number, cause: Error): LanecastError {
  const inUse = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE';
  const advice = inUse ? 'the port is in use; stop what holds it or choose another port' : messageOf(cause);
  return new LanecastError('rtsp-server-listen', `Listening for RTSP on ${host}:${port}: ${advice}.`, { cause });
}
