/**
 * The wire format of an RTSP 1.0 control connection (RFC 2326): text requests with an optional body, mixed with binary
 * packets of interleaved channels (section 10.12: `$`, channel, 16-bit length, packet). Pure.
 */
import { LanecastError } from '@lanecast/server/core/errors';

export interface RtspRequest {
  type: 'request';
  method: string;
  /** As sent: an absolute URL, or `*`. */
  url: string;
  /** Names in lower case; a name sent twice keeps the last value. */
  headers: Map<string, string>;
  body: string;
}

export interface InterleavedPacket {
  type: 'packet';
  channel: number;
  packet: Buffer;
}

export interface RtspResponse {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

const REASONS: Record<number, string> = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  415: 'Unsupported Media Type',
  454: 'Session Not Found',
  455: 'Method Not Valid in This State',
  461: 'Unsupported Transport',
  500: 'Internal Server Error',
};

const MAX_HEAD_BYTES = 16 * 1024;
const MAX_BODY_BYTES = 256 * 1024;
const DOLLAR = 0x24;
const END_OF_HEAD = Buffer.from('\r\n\r\n');

/** Cuts the bytes of one connection into requests and packets. Memory is bounded by one message of maximum size. */
export class RtspParser {
  #pending: Buffer = Buffer.alloc(0);

  /**
   * Takes the next bytes and returns every message that is now complete. Packets are views of `chunk` where they can be.
   * @throws LanecastError `rtsp-syntax` when the bytes cannot be RTSP; the connection is then of no further use.
   */
  push(chunk: Buffer): (RtspRequest | InterleavedPacket)[] {
    let rest = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const messages: (RtspRequest | InterleavedPacket)[] = [];
    for (;;) {
      const taken = rest[0] === DOLLAR ? takePacket(rest) : takeRequest(rest);
      if (taken === null) break;
      if (taken.message !== null) messages.push(taken.message);
      rest = rest.subarray(taken.bytes);
    }
    // A copy, so that a few left-over bytes do not keep the whole chunk alive.
    this.#pending = Buffer.from(rest);
    return messages;
  }
}

interface Taken {
  message: RtspRequest | InterleavedPacket | null;
  bytes: number;
}

function takePacket(bytes: Buffer): Taken | null {
  if (bytes.length < 4) return null;
  const end = 4 + bytes.readUInt16BE(2);
  if (bytes.length < end) return null;
  return { message: { type: 'packet', channel: bytes[1]!, packet: bytes.subarray(4, end) }, bytes: end };
}

function takeRequest(bytes: Buffer): Taken | null {
  // Stray line ends between messages are allowed (RFC 2326, section 4.1).
  if (bytes[0] === 0x0d || bytes[0] === 0x0a) return { message: null, bytes: 1 };
  const headBytes = bytes.indexOf(END_OF_HEAD);
  if (headBytes < 0 || headBytes > MAX_HEAD_BYTES) {
    if (bytes.length > MAX_HEAD_BYTES) throw syntaxError(`a request head is longer than ${MAX_HEAD_BYTES} bytes`);
    return null;
  }
  const [requestLine = '', ...headerLines] = bytes.toString('latin1', 0, headBytes).split('\r\n');
  const match = /^([A-Z_]{1,32}) (\S+) RTSP\/1\.\d$/.exec(requestLine);
  if (match === null) throw syntaxError('a request line is not "METHOD url RTSP/1.0"');
  const headers = new Map<string, string>();
  for (const line of headerLines) {
    const colon = line.indexOf(':');
    if (colon <= 0) throw syntaxError('a header line has no colon');
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const bodyBytes = contentLength(headers);
  const bodyStart = headBytes + END_OF_HEAD.length;
  if (bytes.length < bodyStart + bodyBytes) return null;
  const body = bytes.toString('utf8', bodyStart, bodyStart + bodyBytes);
  return {
    message: { type: 'request', method: match[1]!, url: match[2]!, headers, body },
    bytes: bodyStart + bodyBytes,
  };
}

function contentLength(headers: Map<string, string>): number {
  const text = headers.get('content-length') ?? '0';
  const length = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(length <= MAX_BODY_BYTES)) throw syntaxError(`Content-Length is not a number up to ${MAX_BODY_BYTES}`);
  return length;
}

function syntaxError(what: string): LanecastError {
  return new LanecastError('rtsp-syntax', `Reading an RTSP request: ${what}. Is the client speaking RTSP 1.0?`);
}

/** The bytes of an answer; `cseq` is the request's (undefined when it had none). */
export function formatResponse(response: RtspResponse, cseq: string | undefined): string {
  const lines = [`RTSP/1.0 ${response.status} ${REASONS[response.status] ?? 'Error'}`];
  if (cseq !== undefined) lines.push(`CSeq: ${cseq}`);
  for (const [name, value] of Object.entries(response.headers ?? {})) lines.push(`${name}: ${value}`);
  const body = response.body ?? '';
  if (body !== '') lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** An interleaved packet as it goes over the control connection. */
export function frameInterleaved(channel: number, packet: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(4 + packet.length);
  framed[0] = DOLLAR;
  framed[1] = channel;
  framed.writeUInt16BE(packet.length, 2);
  packet.copy(framed, 4);
  return framed;
}
