import net from 'node:net';
import tls from 'node:tls';
import { LanecastError } from '../../core/errors.js';
import type { Clock } from '../../core/clock.js';
import { headerValue, RtspStreamParser, type RtspRequest, type RtspResponse } from './message-parser.js';
import { rtspError, unreachableError } from './rtsp-errors.js';

export interface RtspConnectionOptions {
  host: string;
  port: number;
  secure: boolean;
  /** Accept a certificate that no authority vouches for (cameras sign their own). */
  tlsAllowSelfSigned: boolean;
  /** The address without credentials, for messages. */
  shownUrl: string;
  connectTimeoutMs: number;
  answerTimeoutMs: number;
  userAgent: string;
  clock: Clock;
}

export interface RtspConnectionHandlers {
  /** The payload is valid only during the call. */
  onInterleaved(channel: number, payload: Uint8Array): void;
  /** Called once, however the connection ends, but not when connect() failed. */
  onClose(error: LanecastError): void;
}

interface PendingAnswer {
  method: string;
  resolve(response: RtspResponse): void;
  reject(error: LanecastError): void;
  cancelTimeout(): void;
}

/** A server that reads none of our bytes for so long has stopped listening. */
const MAX_UNSENT_BYTES = 64 * 1024;

/** Answers to what a server may ask of a client on the same connection (RFC 2326, section 10). */
const SERVER_METHODS = new Set([
  'OPTIONS',
  'ANNOUNCE',
  'GET_PARAMETER',
  'SET_PARAMETER',
  'REDIRECT',
  'TEARDOWN',
  'PLAY_NOTIFY',
]);

/**
 * One TCP (or TLS) connection: requests with their answers, matched by CSeq, and interleaved frames. Whatever happens
 * on it ends in exactly one call of `onClose`; nothing throws out of its callbacks. Closed by whoever opened it.
 */
export class RtspConnection {
  readonly #options: RtspConnectionOptions;
  readonly #handlers: RtspConnectionHandlers;
  readonly #parser: RtspStreamParser;
  readonly #pending = new Map<number, PendingAnswer>();
  #socket: net.Socket | null = null;
  #connected = false;
  #closeError: LanecastError | null = null;
  #nextCSeq = 1;
  #bytesReceived = 0;
  #lastByteAtMs = 0;

  constructor(options: RtspConnectionOptions, handlers: RtspConnectionHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#parser = new RtspStreamParser({
      onMessage: (message) => {
        if (message.kind === 'response') this.#onResponse(message);
        else this.#onRequest(message);
      },
      onInterleaved: (channel, payload) => {
        handlers.onInterleaved(channel, payload);
      },
    });
  }

  get bytesReceived(): number {
    return this.#bytesReceived;
  }

  /** Monotonic time of the last received byte; 0 before the first. */
  get lastByteAtMs(): number {
    return this.#lastByteAtMs;
  }

  get bufferedBytes(): number {
    return this.#parser.bufferedBytes;
  }

  get remoteAddress(): string {
    return this.#socket?.remoteAddress ?? '';
  }

  get localAddress(): string {
    return this.#socket?.localAddress ?? '';
  }

  /** @throws LanecastError `rtsp-unreachable`, or what close() was given meanwhile */
  async connect(): Promise<void> {
    const { host, port, secure, shownUrl, connectTimeoutMs, clock, tlsAllowSelfSigned } = this.#options;
    await new Promise<void>((resolve, reject) => {
      if (this.#closeError) {
        reject(this.#closeError);
        return;
      }
      const socket = secure
        ? tls.connect({
            host,
            port,
            rejectUnauthorized: !tlsAllowSelfSigned,
            ...(net.isIP(host) ? {} : { servername: host }),
          })
        : net.connect({ host, port });
      this.#socket = socket;
      const cancelTimeout = clock.after(connectTimeoutMs, () => {
        const message = `Cannot reach ${shownUrl}: no connection to ${host} port ${port} within ${connectTimeoutMs} ms; check the address and any firewall`;
        this.#end(rtspError('rtsp-unreachable', message));
      });
      socket.setNoDelay(true);
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        cancelTimeout();
        this.#connected = true;
        resolve();
      });
      socket.on('data', (chunk: Buffer) => this.#onData(chunk));
      socket.on('end', () => this.#end(this.#closedByServer()));
      socket.on('error', (error: Error) => {
        this.#end(this.#connected ? this.#closedByServer(error) : unreachableError(shownUrl, host, port, error));
      });
      socket.on('close', () => {
        cancelTimeout();
        this.#end(this.#closedByServer());
        // #closeError is set by now; after a successful connect this has no effect.
        reject(this.#closeError!);
      });
    });
  }

  /**
   * Sends a request and waits for its answer, whatever the status.
   * @throws LanecastError `rtsp-timeout`, or the error that closed the connection
   */
  request(
    method: string,
    uri: string,
    headers: Readonly<Record<string, string>>,
    timeoutMs?: number,
  ): Promise<RtspResponse> {
    return new Promise((resolve, reject) => {
      if (this.#closeError) {
        reject(this.#closeError);
        return;
      }
      const cseq = this.#nextCSeq++;
      const waitMs = timeoutMs ?? this.#options.answerTimeoutMs;
      const cancelTimeout = this.#options.clock.after(waitMs, () => {
        this.#pending.delete(cseq);
        reject(
          rtspError(
            'rtsp-timeout',
            `${this.#options.shownUrl}: no answer to ${method} within ${waitMs} ms; check the camera and the network`,
          ),
        );
      });
      this.#pending.set(cseq, { method, resolve, reject, cancelTimeout });
      const lines = [`${method} ${uri} RTSP/1.0`, `CSeq: ${cseq}`, `User-Agent: ${this.#options.userAgent}`];
      for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
      this.#write(`${lines.join('\r\n')}\r\n\r\n`);
    });
  }

  /** Drops the frame if the server does not read: what is sent this way (reports) is worth nothing late. */
  sendInterleaved(channel: number, payload: Uint8Array): void {
    if (!this.#socket || this.#closeError || this.#socket.writableLength > MAX_UNSENT_BYTES) return;
    const frame = Buffer.allocUnsafe(4 + payload.length);
    frame[0] = 0x24;
    frame[1] = channel;
    frame.writeUInt16BE(payload.length, 2);
    frame.set(payload, 4);
    this.#write(frame);
  }

  /** Ends the connection at once with this error. Further calls have no effect. */
  close(error: LanecastError): void {
    this.#end(error);
  }

  #onData(chunk: Buffer): void {
    if (this.#closeError) return;
    this.#bytesReceived += chunk.length;
    this.#lastByteAtMs = this.#options.clock.nowMs();
    try {
      this.#parser.push(chunk);
    } catch (error) {
      this.#end(this.#asOurs(error));
    }
  }

  #onResponse(response: RtspResponse): void {
    // An interim answer (100 Continue) is not the answer.
    if (response.status < 200) return;
    const text = headerValue(response.headers, 'cseq');
    let cseq = text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
    // Without a CSeq (some cameras forget it) it can only be the answer to the oldest request.
    cseq ??= this.#pending.keys().next().value;
    const pending = cseq === undefined ? undefined : this.#pending.get(cseq);
    // An answer that came after its time-out is no news.
    if (!pending) return;
    this.#pending.delete(cseq!);
    pending.cancelTimeout();
    pending.resolve(response);
  }

  #onRequest(request: RtspRequest): void {
    const known = SERVER_METHODS.has(request.method);
    const lines = [known ? 'RTSP/1.0 200 OK' : 'RTSP/1.0 501 Not Implemented'];
    const cseq = headerValue(request.headers, 'cseq');
    if (cseq !== undefined && /^\d{1,10}$/.test(cseq)) lines.push(`CSeq: ${cseq}`);
    if (request.method === 'OPTIONS') lines.push('Public: OPTIONS, ANNOUNCE, GET_PARAMETER, SET_PARAMETER, TEARDOWN');
    this.#write(`${lines.join('\r\n')}\r\n\r\n`);
    if (request.method === 'TEARDOWN') {
      this.#end(rtspError('rtsp-closed', `${this.#options.shownUrl}: the server ended the session (TEARDOWN)`));
    }
  }

  #write(data: string | Uint8Array): void {
    if (!this.#socket || this.#closeError) return;
    if (this.#socket.writableLength > MAX_UNSENT_BYTES) {
      this.#end(
        rtspError('rtsp-protocol', `${this.#options.shownUrl}: the server sends requests but reads no answers`),
      );
      return;
    }
    this.#socket.write(data);
  }

  #end(error: LanecastError): void {
    if (this.#closeError) return;
    this.#closeError = error;
    this.#parser.stop();
    for (const pending of this.#pending.values()) {
      pending.cancelTimeout();
      pending.reject(error);
    }
    this.#pending.clear();
    this.#socket?.destroy();
    if (this.#connected) this.#handlers.onClose(error);
  }

  #closedByServer(cause?: Error): LanecastError {
    const waitingFor = this.#pending.values().next().value?.method;
    const when = waitingFor === undefined ? '' : ` instead of answering ${waitingFor}`;
    return rtspError('rtsp-closed', `${this.#options.shownUrl}: the server closed the connection${when}`, cause);
  }

  #asOurs(error: unknown): LanecastError {
    if (error instanceof LanecastError)
      return new LanecastError(error.code, `${this.#options.shownUrl}: ${error.message}`);
    return rtspError('rtsp-internal', `${this.#options.shownUrl}: a handler of received data failed`, error);
  }
}
