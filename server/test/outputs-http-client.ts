/** Small HTTP readers for the tests of the outputs: one multipart part at a time, one event at a time, JPEGs decoded. */
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { connect } from 'node:net';

import { AV_CODEC_ID_MJPEG } from 'node-av/constants';
import { Codec, CodecContext, FFmpegError, Frame, Packet } from 'node-av/lib';

import { Canvas } from '../dist/outputs/mjpeg/canvas.js';

export interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

export type RequestExtras = { method?: string; headers?: Record<string, string>; body?: string };

/** Opens a request and returns the response with its body still to come. */
export function open(
  url: string,
  { method = 'GET', headers = {}, body }: RequestExtras = {},
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent: false }, resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** The whole answer. (Not `fetch`, which lets nobody set the Host header.) */
export async function ask(url: string, extras?: RequestExtras): Promise<Answer> {
  const response = await open(url, extras);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) };
}

export async function askJson(
  url: string,
  extras?: RequestExtras,
): Promise<Answer & { json: Record<string, unknown> }> {
  const answer = await ask(url, extras);
  return { ...answer, json: JSON.parse(answer.body.toString('utf8')) as Record<string, unknown> };
}

/** Reads the bytes of a response as far as they are asked for. */
class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #held = Buffer.alloc(0);

  constructor(response: IncomingMessage) {
    this.#chunks = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  async take(count: number): Promise<Buffer> {
    while (this.#held.length < count) await this.#more();
    return this.#cut(count);
  }

  async until(mark: string): Promise<string> {
    let at: number;
    while ((at = this.#held.indexOf(mark)) < 0) await this.#more();
    return this.#cut(at + mark.length).toString('latin1');
  }

  #cut(count: number): Buffer {
    const bytes = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return bytes;
  }

  async #more(): Promise<void> {
    const next = await this.#chunks.next();
    if (next.done) throw new Error('the connection ended');
    this.#held = Buffer.concat([this.#held, next.value]);
  }
}

/** A client of a motion-JPEG stream that insists on the framing. */
export class MultipartClient {
  readonly response: IncomingMessage;
  readonly #reader: ByteReader;
  readonly #boundary: string;

  static async connect(url: string, extras?: RequestExtras): Promise<MultipartClient> {
    const response = await open(url, extras);
    if (response.statusCode !== 200) throw new Error(`status ${String(response.statusCode)}`);
    const client = new MultipartClient(response);
    const first = await client.#reader.until('\r\n');
    if (first !== `--${client.#boundary}\r\n`) throw new Error(`the first line is ${JSON.stringify(first)}`);
    return client;
  }

  private constructor(response: IncomingMessage) {
    this.response = response;
    this.#reader = new ByteReader(response);
    const type = response.headers['content-type'] ?? '';
    const match = /^multipart\/x-mixed-replace; boundary=(\S+)$/.exec(type);
    if (!match) throw new Error(`Content-Type ${type}`);
    this.#boundary = match[1]!;
  }

  /** The next JPEG; the delimiter after it must have come, too. */
  async next(): Promise<Buffer> {
    const head = await this.#reader.until('\r\n\r\n');
    const match = /^Content-Type: image\/jpeg\r\nContent-Length: (\d+)\r\n\r\n$/.exec(head);
    if (!match) throw new Error(`the head of a part is ${JSON.stringify(head)}`);
    const jpeg = await this.#reader.take(Number(match[1]));
    const delimiter = (await this.#reader.take(this.#boundary.length + 6)).toString('latin1');
    if (delimiter !== `\r\n--${this.#boundary}\r\n`) throw new Error(`a part ends with ${JSON.stringify(delimiter)}`);
    return Buffer.from(jpeg);
  }

  close(): void {
    this.response.destroy();
  }
}

/** A client of server-sent events. */
export class EventsClient {
  readonly response: IncomingMessage;
  readonly #reader: ByteReader;

  static async connect(url: string, extras?: RequestExtras): Promise<EventsClient> {
    return new EventsClient(await open(url, extras));
  }

  private constructor(response: IncomingMessage) {
    this.response = response;
    this.#reader = new ByteReader(response);
  }

  /** The next event's data; comments are passed over. */
  async next(): Promise<Record<string, unknown>> {
    for (;;) {
      const block = await this.#reader.until('\n\n');
      if (block.startsWith('data: ')) return JSON.parse(block.slice('data: '.length)) as Record<string, unknown>;
      if (!block.startsWith(':')) throw new Error(`neither data nor a comment: ${JSON.stringify(block)}`);
    }
  }

  close(): void {
    this.response.destroy();
  }
}

/** A client that sends a request and never reads the answer. */
export function askAndNeverRead(url: string, path: string): Promise<{ close: () => void }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) }, () => {
      socket.pause();
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
      resolve({ close: () => socket.destroy() });
    });
    socket.on('error', reject);
  });
}

/** Decodes a baseline JPEG with FFmpeg's decoder; throws if it is damaged. */
export function decodeJpeg(jpeg: Buffer): Canvas {
  const decoder = new CodecContext();
  const packet = new Packet();
  const frame = new Frame();
  try {
    decoder.allocContext3(Codec.findDecoder(AV_CODEC_ID_MJPEG));
    FFmpegError.throwIfError(decoder.open2Sync(null, null), 'open');
    packet.alloc();
    frame.alloc();
    packet.data = jpeg;
    FFmpegError.throwIfError(decoder.sendPacketSync(packet), 'send');
    FFmpegError.throwIfError(decoder.receiveFrameSync(frame), 'receive');
    const { width, height } = frame;
    const canvas = new Canvas(width, height);
    let at = 0;
    frame.data!.slice(0, 3).forEach((plane, index) => {
      const columns = index === 0 ? width : (width + 1) >> 1;
      const rows = index === 0 ? height : (height + 1) >> 1;
      for (let row = 0; row < rows; row++, at += columns)
        plane.copy(canvas.data, at, row * frame.linesize[index]!, row * frame.linesize[index]! + columns);
    });
    return canvas;
  } finally {
    frame.free();
    packet.free();
    decoder.freeContext();
  }
}

/** Waits until a condition holds; fails after `timeoutMs`. */
export async function eventually(condition: () => boolean, timeoutMs = 5000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
