/** One RTSP control connection: answers its requests in order; it becomes a publisher or a reader, and owns that role. */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Clock } from '@lanecast/server/core/clock';
import type { Authenticator } from './auth.js';
import { formatResponse, RtspParser, type RtspRequest, type RtspResponse } from './message.js';
import { Mount, type PacketFilter } from './mount.js';
import type { MountTable } from './mount-table.js';
import { corkForThisTurn } from './outgoing.js';
import { Publisher } from './publisher.js';
import { Reader } from './reader.js';
import { controlBelow, pathOfUrl } from './request-url.js';
import { findTrack, parsePublishedSdp } from './sdp.js';
import { parseTransport } from './transport-header.js';

export interface ConnectionContext {
  mounts: MountTable;
  /** null: everybody may read. */
  authenticator: Authenticator | null;
  filterOf: (path: string) => PacketFilter | undefined;
  /** A reader with more bytes than this in its socket's queue is dropped. */
  maxPendingBytes: number;
  /** A playing reader that sends neither a request nor RTCP for this long is closed. */
  sessionTimeoutMs: number;
  clock: Clock;
  onReaderDropped: (path: string) => void;
}

const METHODS = 'OPTIONS, DESCRIBE, ANNOUNCE, SETUP, PLAY, RECORD, GET_PARAMETER, SET_PARAMETER, TEARDOWN';
const MAX_WAITING_REQUESTS = 64;
const LINGER_MS = 1000;

export class Connection {
  readonly #socket: Socket;
  readonly #context: ConnectionContext;
  readonly #parser = new RtspParser();
  readonly #sessionId = randomBytes(8).toString('hex');
  #role: Publisher | Reader | null = null;
  #waitingRequests = 0;
  #answered: Promise<void> = Promise.resolve();
  #cancelSessionTimeout: () => void = () => undefined;
  #closed = false;

  constructor(socket: Socket, context: ConnectionContext) {
    this.#socket = socket;
    this.#context = context;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#onData(chunk));
    // 'close' follows each of these; there is nobody to tell.
    socket.on('error', () => undefined);
    socket.on('end', () => this.close());
    socket.on('close', () => this.close());
  }

  /** Closes the socket and gives up the role. May be called twice. */
  close(): void {
    if (!this.#closed) this.#leave();
    this.#closed = true;
    this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    if (this.#closed) return;
    this.#touch();
    let messages;
    try {
      messages = this.#parser.push(chunk);
    } catch {
      this.#socket.write(formatResponse({ status: 400 }, undefined));
      this.#endGently();
      return;
    }
    for (const message of messages) {
      if (message.type === 'packet') {
        if (this.#role instanceof Publisher) this.#role.onInterleaved(message.channel, message.packet);
      } else if (++this.#waitingRequests > MAX_WAITING_REQUESTS) {
        this.close();
      } else {
        this.#answered = this.#answered.then(() => this.#handle(message));
      }
    }
  }

  async #handle(request: RtspRequest): Promise<void> {
    this.#waitingRequests--;
    if (this.#closed) return;
    const response = await this.#respond(request).catch((): RtspResponse => ({ status: 500 }));
    this.#send(response, request);
    // Only now, so that the answer goes out before the first packet.
    if (request.method === 'PLAY' && response.status === 200 && this.#role instanceof Reader) this.#role.play();
  }

  #send(response: RtspResponse, request: RtspRequest): void {
    if (this.#closed) return;
    corkForThisTurn(this.#socket);
    const challenges = response.status === 401 ? (this.#context.authenticator?.challenges() ?? []) : [];
    const text = formatResponse(response, request.headers.get('cseq'));
    // The one header that may come twice.
    const challengeLines = challenges.map((challenge) => `WWW-Authenticate: ${challenge}\r\n`).join('');
    this.#socket.write(text.replace('\r\n', `\r\n${challengeLines}`));
  }

  async #respond(request: RtspRequest): Promise<RtspResponse> {
    const { method } = request;
    const session = request.headers.get('session')?.split(';')[0]?.trim();
    if (session !== undefined && session !== this.#sessionId) return { status: 454 };
    const reads = method === 'DESCRIBE' || method === 'PLAY' || (method === 'SETUP' && !this.#publishes);
    if (reads && this.#context.authenticator?.admits(method, request.headers.get('authorization')) === false) {
      return { status: 401 };
    }
    switch (method) {
      case 'OPTIONS':
        return { status: 200, headers: { Public: METHODS } };
      case 'GET_PARAMETER':
      case 'SET_PARAMETER':
        return { status: 200 };
      case 'DESCRIBE':
        return this.#describe(request);
      case 'ANNOUNCE':
        return this.#announce(request);
      case 'SETUP':
        return this.#setup(request);
      case 'PLAY':
        return this.#role instanceof Reader && this.#role.hasTracks ? this.#ok() : { status: 455 };
      case 'RECORD':
        return this.#record();
      case 'TEARDOWN':
        this.#leave();
        return this.#ok();
      default:
        return { status: 405, headers: { Allow: METHODS } };
    }
  }

  get #publishes(): boolean {
    return this.#role instanceof Publisher;
  }

  #ok(headers: Record<string, string> = {}): RtspResponse {
    const timeoutS = Math.max(1, Math.round(this.#context.sessionTimeoutMs / 1000));
    return { status: 200, headers: { Session: `${this.#sessionId};timeout=${timeoutS}`, ...headers } };
  }

  #describe(request: RtspRequest): RtspResponse {
    const found = this.#context.mounts.resolve(pathOfUrl(request.url));
    if (found?.control !== '') return { status: 404 };
    const base = request.url.replace(/[?#].*$/, '').replace(/\/*$/, '/');
    const headers = { 'Content-Base': base, 'Content-Type': 'application/sdp' };
    return { status: 200, headers, body: found.mount.sdp.text };
  }

  #announce(request: RtspRequest): RtspResponse {
    if (this.#role !== null) return { status: 455 };
    if (request.headers.get('content-type')?.toLowerCase() !== 'application/sdp') return { status: 415 };
    const sdp = parsePublishedSdp(request.body);
    const path = pathOfUrl(request.url);
    if (sdp.tracks.length === 0 || path === '') return { status: 400 };
    this.#role = new Publisher(new Mount(path, sdp, this.#context.filterOf));
    return { status: 200 };
  }

  async #setup(request: RtspRequest): Promise<RtspResponse> {
    const transport = parseTransport(request.headers.get('transport') ?? '');
    if (transport === null) return { status: 461 };
    const path = pathOfUrl(request.url);
    const target = this.#role === null ? this.#context.mounts.resolve(path) : this.#ownTarget(this.#role.mount, path);
    const track = target === null ? undefined : findTrack(target.mount.sdp.tracks, target.control);
    if (target === null || track === undefined) return { status: 404 };
    this.#role ??= this.#newReader(target.mount);
    if (this.#role instanceof Publisher ? this.#role.recording : this.#role.playing) return { status: 455 };
    const local = plainAddress(this.#socket.localAddress);
    const answer = await this.#role.setup(track, transport, local, plainAddress(this.#socket.remoteAddress));
    return this.#ok({ Transport: answer });
  }

  #ownTarget(mount: Mount, path: string): { mount: Mount; control: string } | null {
    const control = controlBelow(mount.path, path);
    return control === null ? null : { mount, control };
  }

  #newReader(mount: Mount): Reader {
    return new Reader(mount, this.#socket, this.#context.maxPendingBytes, {
      onAlive: () => this.#touch(),
      onOverflow: () => {
        this.#context.onReaderDropped(mount.path);
        this.close();
      },
      onEnd: () => this.#endGently(),
    });
  }

  #record(): RtspResponse {
    if (!(this.#role instanceof Publisher)) return { status: 455 };
    this.#role.recording = true;
    this.#context.mounts.publish(this.#role.mount, () => this.close());
    return this.#ok();
  }

  /** Gives up the role; the connection can take another one. */
  #leave(): void {
    this.#cancelSessionTimeout();
    const role = this.#role;
    this.#role = null;
    role?.close();
    if (role instanceof Publisher) this.#context.mounts.withdraw(role.mount);
  }

  /** Sends what waits and closes; a reader that does not take it is cut off. */
  #endGently(): void {
    if (this.#closed) return;
    this.#leave();
    this.#closed = true;
    this.#socket.end();
    const cancel = this.#context.clock.after(LINGER_MS, () => this.#socket.destroy());
    this.#socket.once('close', cancel);
  }

  /** The client lives: the session's time begins anew. Only readers time out; a publisher's silence is its own affair. */
  #touch(): void {
    this.#cancelSessionTimeout();
    if (this.#publishes) return;
    this.#cancelSessionTimeout = this.#context.clock.after(this.#context.sessionTimeoutMs, () => {
      if (this.#role instanceof Reader) this.close();
    });
  }
}

/** An IPv4 address that a dual-stack socket reports as `::ffff:a.b.c.d`, in its plain form. */
function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:/, '');
}
