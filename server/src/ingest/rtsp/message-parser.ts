import { rtspError } from './rtsp-errors.js';

/** Header fields by lower-case name; each value in order of appearance (WWW-Authenticate comes several times). */
export type RtspHeaders = ReadonlyMap<string, readonly string[]>;

export interface RtspResponse {
  kind: 'response';
  status: number;
  headers: RtspHeaders;
  body: Uint8Array;
}

export interface RtspRequest {
  kind: 'request';
  method: string;
  headers: RtspHeaders;
  body: Uint8Array;
}

/** Receives what a byte stream contains. `payload` is valid only during the call: copy what is kept. */
export interface RtspStreamSink {
  onMessage(message: RtspResponse | RtspRequest): void;
  onInterleaved(channel: number, payload: Uint8Array): void;
}

/** Bounds on what a server may send; beyond them the stream is malformed. */
export const PARSER_LIMITS = {
  /** Start line and header section of one message. */
  headerBytes: 16 * 1024,
  headerCount: 100,
  bodyBytes: 256 * 1024,
} as const;

const DOLLAR = 0x24;
const CR = 0x0d;
const LF = 0x0a;
const EMPTY = new Uint8Array(0);

/**
 * Splits the byte stream of an RTSP connection into messages and interleaved frames (RFC 2326, sections 4 to 7 and
 * 10.12), however it was cut into chunks. Holds at most one incomplete message or frame; each byte is looked at a
 * constant number of times.
 */
export class RtspStreamParser {
  readonly #sink: RtspStreamSink;
  /** The incomplete tail of what was pushed: bytes 0..#heldLength of #held. */
  #held: Uint8Array = EMPTY;
  #heldLength = 0;
  /** How far the held tail has been searched for the end of a header section. */
  #scanned = 0;
  /** Start of the line being searched. */
  #lineStart = 0;
  /** Length of the held message once its header section is known: nothing is parsed again before it is there. */
  #needed = 0;
  #stopped = false;

  constructor(sink: RtspStreamSink) {
    this.#sink = sink;
  }

  /** Bytes that wait for the rest of their message. */
  get bufferedBytes(): number {
    return this.#heldLength;
  }

  /** After this nothing is delivered, not even the rest of the chunk at hand. */
  stop(): void {
    this.#stopped = true;
    this.#held = EMPTY;
    this.#heldLength = 0;
  }

  /** @throws LanecastError `rtsp-protocol`; the stream cannot be continued after it. */
  push(chunk: Uint8Array): void {
    if (this.#stopped) return;
    let data = chunk;
    if (this.#heldLength > 0) {
      this.#hold(chunk);
      data = this.#held.subarray(0, this.#heldLength);
    }
    let offset = 0;
    while (offset < data.length && !this.#isStopped()) {
      const used = this.#takeOne(data.subarray(offset));
      if (used === 0) break;
      offset += used;
      this.#scanned = 0;
      this.#lineStart = 0;
      this.#needed = 0;
    }
    if (this.#isStopped()) return;
    this.#keepTail(data, offset);
  }

  /** A method, because the sink may call stop() in between, which control-flow analysis does not see. */
  #isStopped(): boolean {
    return this.#stopped;
  }

  /** Consumes one frame, message or blank line from the start of `data`; 0 if it is not complete. */
  #takeOne(data: Uint8Array): number {
    const first = data[0]!;
    if (first === DOLLAR) return this.#takeInterleaved(data);
    // Blank lines between messages are allowed (RFC 2326, section 4.1).
    if (first === CR || first === LF) return 1;
    if (!isLetter(first)) {
      throw rtspError(
        'rtsp-protocol',
        `The server sent bytes that are not RTSP (0x${first.toString(16).padStart(2, '0')}); check that the port speaks RTSP`,
      );
    }
    return this.#takeMessage(data);
  }

  #takeInterleaved(data: Uint8Array): number {
    if (data.length < 4) return 0;
    const end = 4 + data[2]! * 256 + data[3]!;
    if (data.length < end) return 0;
    this.#sink.onInterleaved(data[1]!, data.subarray(4, end));
    return end;
  }

  #takeMessage(data: Uint8Array): number {
    if (data.length < this.#needed) return 0;
    const headerEnd = this.#findHeaderEnd(data);
    if (headerEnd < 0) {
      if (data.length > PARSER_LIMITS.headerBytes) throw headerTooLong();
      return 0;
    }
    if (headerEnd > PARSER_LIMITS.headerBytes) throw headerTooLong();
    const { startLine, headers } = parseHeaderSection(data.subarray(0, headerEnd));
    const bodyLength = contentLength(headers);
    const end = headerEnd + bodyLength;
    if (data.length < end) {
      this.#needed = end;
      return 0;
    }
    this.#sink.onMessage(parseMessage(startLine, headers, new Uint8Array(data.subarray(headerEnd, end))));
    return end;
  }

  /** Index behind the empty line that ends the header section, or -1. Lines end with CR LF, or LF alone. */
  #findHeaderEnd(data: Uint8Array): number {
    const limit = Math.min(data.length, PARSER_LIMITS.headerBytes + 1);
    for (;;) {
      const lineEnd = data.indexOf(LF, this.#scanned);
      if (lineEnd < 0 || lineEnd >= limit) {
        this.#scanned = limit;
        return -1;
      }
      const lineLength = lineEnd - this.#lineStart;
      if (lineLength === 0 || (lineLength === 1 && data[this.#lineStart] === CR)) return lineEnd + 1;
      this.#lineStart = lineEnd + 1;
      this.#scanned = this.#lineStart;
    }
  }

  #hold(chunk: Uint8Array): void {
    const needed = this.#heldLength + chunk.length;
    if (needed > this.#held.length) {
      const grown = new Uint8Array(Math.max(needed, this.#held.length * 2, 4096));
      grown.set(this.#held.subarray(0, this.#heldLength));
      this.#held = grown;
    }
    this.#held.set(chunk, this.#heldLength);
    this.#heldLength = needed;
  }

  #keepTail(data: Uint8Array, offset: number): void {
    const tail = data.length - offset;
    const dataIsHeld = data.buffer === this.#held.buffer;
    this.#heldLength = 0;
    if (tail === 0) {
      // A buffer that once had to be large is not kept for ever.
      if (this.#held.length > PARSER_LIMITS.bodyBytes) this.#held = EMPTY;
      return;
    }
    if (dataIsHeld) {
      if (offset > 0) this.#held.copyWithin(0, offset, data.length);
      this.#heldLength = tail;
    } else {
      this.#hold(data.subarray(offset));
    }
  }
}

/** The first value of a header, or undefined. */
export function headerValue(headers: RtspHeaders, name: string): string | undefined {
  return headers.get(name)?.[0];
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

function headerTooLong(): Error {
  return rtspError('rtsp-protocol', `The server sent a header section longer than ${PARSER_LIMITS.headerBytes} bytes`);
}

function parseHeaderSection(bytes: Uint8Array): { startLine: string; headers: Map<string, string[]> } {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const lines = text.split(/\r?\n/);
  const headers = new Map<string, string[]>();
  let count = 0;
  let current: string[] | null = null;
  for (const line of lines.slice(1)) {
    if (line === '') continue;
    if (line.startsWith(' ') || line.startsWith('\t')) {
      // A folded line continues the one before.
      current?.push(`${current.pop() ?? ''} ${line.trim()}`);
      continue;
    }
    count++;
    if (count > PARSER_LIMITS.headerCount) {
      throw rtspError('rtsp-protocol', `The server sent more than ${PARSER_LIMITS.headerCount} header lines`);
    }
    const colon = line.indexOf(':');
    // A line without a name is ignored: some cameras put stray text there, and nothing depends on it.
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    current = headers.get(name) ?? [];
    current.push(line.slice(colon + 1).trim());
    headers.set(name, current);
  }
  return { startLine: lines[0]!.trim(), headers };
}

function contentLength(headers: RtspHeaders): number {
  const text = headerValue(headers, 'content-length');
  if (text === undefined || text === '') return 0;
  if (!/^\d{1,9}$/.test(text))
    throw rtspError('rtsp-protocol', 'The server sent a Content-Length that is not a number');
  const length = Number(text);
  if (length > PARSER_LIMITS.bodyBytes) {
    throw rtspError(
      'rtsp-protocol',
      `The server announced a body of ${length} bytes; at most ${PARSER_LIMITS.bodyBytes} are taken`,
    );
  }
  return length;
}

function parseMessage(startLine: string, headers: RtspHeaders, body: Uint8Array): RtspResponse | RtspRequest {
  const response = /^RTSP\/\d\.\d +(\d{3})(?: |$)/i.exec(startLine);
  if (response) return { kind: 'response', status: Number(response[1]), headers, body };
  const request = /^([A-Z_]{1,32}) +\S+ +RTSP\/\d\.\d$/i.exec(startLine);
  if (request) return { kind: 'request', method: request[1]!.toUpperCase(), headers, body };
  if (/^HTTP\//i.test(startLine)) {
    throw rtspError('rtsp-protocol', 'The server answered in HTTP: this is not its RTSP port (often 554 or 8554)');
  }
  throw rtspError('rtsp-protocol', 'The server sent a line that is neither an RTSP answer nor a request');
}
