import net from 'node:net';

/** A request as the scripted server sees it. */
export interface SeenRequest {
  method: string;
  uri: string;
  headers: ReadonlyMap<string, string>;
  cseq: string;
  /** Which connection it came on, from 0. */
  connection: number;
}

export interface FakeResponse {
  status?: number;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** Sent right behind the answer, in the same write. */
  then?: Uint8Array;
  /** Instead of any of that: these very bytes. */
  raw?: Uint8Array | string;
  /** Say nothing. */
  silent?: boolean;
  /** End the connection after what is to be said. */
  close?: boolean;
}

export type FakeScript = (request: SeenRequest, socket: net.Socket) => FakeResponse | undefined;

export const TEST_SDP = [
  'v=0',
  'o=- 0 0 IN IP4 127.0.0.1',
  's=test',
  't=0 0',
  'a=control:*',
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  'a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==; profile-level-id=42C01E',
  'a=control:trackID=1',
  '',
].join('\r\n');

/** An RTSP server on a loopback port whose answers a test decides; what the script leaves out is answered as usual. */
export class FakeRtspServer {
  readonly requests: SeenRequest[] = [];
  readonly sockets: net.Socket[] = [];
  /** Interleaved frames that the client sent. */
  readonly frames: { channel: number; payload: Buffer }[] = [];
  readonly #server: net.Server;

  private constructor(script: FakeScript) {
    this.#server = net.createServer((socket) => {
      const connection = this.sockets.push(socket) - 1;
      let held = Buffer.alloc(0);
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        held = Buffer.concat([held, chunk]);
        for (;;) {
          if (held[0] === 0x24) {
            if (held.length < 4 || held.length < 4 + held.readUInt16BE(2)) return;
            const end = 4 + held.readUInt16BE(2);
            this.frames.push({ channel: held[1]!, payload: held.subarray(4, end) });
            held = held.subarray(end);
            continue;
          }
          const end = held.indexOf('\r\n\r\n');
          if (end < 0) return;
          const text = held.toString('latin1', 0, end);
          held = held.subarray(end + 4);
          // An answer to a request of the server's own.
          if (text.startsWith('RTSP/')) {
            this.answers.push(text);
            continue;
          }
          const request = parseRequest(text, connection);
          this.requests.push(request);
          reply(socket, request, script(request, socket) ?? usual(request));
        }
      });
    });
  }

  readonly answers: string[] = [];

  static async open(script: FakeScript = () => undefined, host = '127.0.0.1'): Promise<FakeRtspServer> {
    const server = new FakeRtspServer(script);
    await new Promise<void>((resolve) => server.#server.listen(0, host, resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  url(path = '/stream', userInfo = ''): string {
    return `rtsp://${userInfo === '' ? '' : `${userInfo}@`}127.0.0.1:${this.port}${path}`;
  }

  methods(): string[] {
    return this.requests.map((request) => request.method);
  }

  /** Of the newest connection. */
  get socket(): net.Socket {
    return this.sockets.at(-1)!;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** An interleaved frame: `$`, channel, length, payload. */
export function interleaved(channel: number, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0x24, channel, payload.length >> 8, payload.length & 0xff]), payload]);
}

function parseRequest(text: string, connection: number): SeenRequest {
  const [first, ...lines] = text.split('\r\n');
  const [method, uri] = first!.split(' ');
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  return { method: method!, uri: uri!, headers, cseq: headers.get('cseq') ?? '', connection };
}

function usual(request: SeenRequest): FakeResponse {
  switch (request.method) {
    case 'OPTIONS':
      return { headers: { Public: 'OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER' } };
    case 'DESCRIBE':
      return { headers: { 'Content-Type': 'application/sdp' }, body: TEST_SDP };
    case 'SETUP':
      return {
        headers: { Session: '12345678;timeout=60', Transport: 'RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=12345678' },
      };
    default:
      return { headers: { Session: '12345678' } };
  }
}

function reply(socket: net.Socket, request: SeenRequest, response: FakeResponse): void {
  if (response.raw !== undefined) socket.write(response.raw);
  else if (response.silent !== true) {
    const status = response.status ?? 200;
    const lines = [`RTSP/1.0 ${status} ${status === 200 ? 'OK' : 'Whatever'}`, `CSeq: ${request.cseq}`];
    for (const [name, value] of Object.entries(response.headers ?? {})) lines.push(`${name}: ${value}`);
    if (response.body !== undefined) lines.push(`Content-Length: ${Buffer.byteLength(response.body)}`);
    const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n${response.body ?? ''}`);
    socket.write(response.then ? Buffer.concat([head, response.then]) : head);
  }
  if (response.close === true) socket.end();
}
