/** A bare RTSP client, to say things that real clients do not say and to see every packet. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawResponse {
  status: number;
  headers: Map<string, string>;
  body: string;
}

export class RawClient {
  readonly packets: { channel: number; packet: Buffer }[] = [];
  closed = false;
  readonly #socket: Socket;
  readonly #url: string;
  #pending = Buffer.alloc(0);
  #cseq = 0;
  #session: string | undefined;
  readonly #waiting: ((response: RawResponse) => void)[] = [];

  private constructor(socket: Socket, url: string) {
    this.#socket = socket;
    this.#url = url;
    socket.on('data', (chunk) => this.#onData(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => (this.closed = true));
  }

  static async open(url: string): Promise<RawClient> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new RawClient(socket, url);
  }

  request(method: string, headers: Record<string, string> = {}, body = '', suffix = ''): Promise<RawResponse> {
    const lines = [`${method} ${this.#url}${suffix} RTSP/1.0`, `CSeq: ${++this.#cseq}`];
    if (this.#session !== undefined) lines.push(`Session: ${this.#session}`);
    for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
    if (body !== '') lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
    this.#socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** SETUP of track 0 over TCP, and PLAY. */
  async play(): Promise<RawResponse> {
    await this.request('SETUP', { Transport: 'RTP/AVP/TCP;unicast;interleaved=0-1' }, '', '/trackID=0');
    return this.request('PLAY');
  }

  /** ANNOUNCE, SETUP and RECORD of one H.264 track over TCP; the RTP goes to channel 0. */
  async record(): Promise<RawResponse> {
    const sdp = 'v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:streamid=0\r\n';
    await this.request('ANNOUNCE', { 'Content-Type': 'application/sdp' }, sdp);
    await this.request('SETUP', { Transport: 'RTP/AVP/TCP;unicast;interleaved=0-1;mode=record' }, '', '/streamid=0');
    return this.request('RECORD');
  }

  /** Sends an RTP packet; resolves when the socket took it. */
  sendRtp(packet: Buffer): Promise<void> {
    const head = Buffer.from([0x24, 0, packet.length >> 8, packet.length & 0xff]);
    return new Promise((resolve) => {
      this.#socket.write(Buffer.concat([head, packet]), () => resolve());
    });
  }

  sendText(text: string): void {
    this.#socket.write(text);
  }

  stopReading(): void {
    this.#socket.pause();
  }

  close(): void {
    this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    for (;;) {
      const bytes = this.#pending[0] === 0x24 ? this.#takePacket() : this.#takeResponse();
      if (bytes === 0) return;
      this.#pending = this.#pending.subarray(bytes);
    }
  }

  #takePacket(): number {
    if (this.#pending.length < 4) return 0;
    const end = 4 + this.#pending.readUInt16BE(2);
    if (this.#pending.length < end) return 0;
    this.packets.push({ channel: this.#pending[1]!, packet: Buffer.from(this.#pending.subarray(4, end)) });
    return end;
  }

  #takeResponse(): number {
    const headEnd = this.#pending.indexOf('\r\n\r\n');
    if (headEnd < 0) return 0;
    const [statusLine = '', ...lines] = this.#pending.toString('latin1', 0, headEnd).split('\r\n');
    const headers = new Map(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
    );
    const end = headEnd + 4 + Number(headers.get('content-length') ?? 0);
    if (this.#pending.length < end) return 0;
    this.#session = headers.get('session')?.split(';')[0] ?? this.#session;
    const body = this.#pending.toString('utf8', headEnd + 4, end);
    this.#waiting.shift()?.({ status: Number(statusLine.split(' ')[1]), headers, body });
    return end;
  }
}

/** RTP of an H.264 NAL unit of `bytes` bytes: an IDR picture or a P picture. */
export function rtpPacket(sequence: number, kind: 'idr' | 'p', bytes = 100): Buffer {
  const packet = Buffer.alloc(12 + bytes);
  packet[0] = 0x80;
  packet[1] = 0x80 | 96;
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE((sequence * 3600) >>> 0, 4);
  packet[12] = kind === 'idr' ? 0x65 : 0x41;
  return packet;
}
