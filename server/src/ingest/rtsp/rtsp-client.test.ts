import { createHash } from 'node:crypto';
import dgram from 'node:dgram';
import net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../core/clock.js';
import { LanecastError } from '../../core/errors.js';
import { redactText } from '../../core/redact.js';
import { monotonicMs, systemClock } from '../../ops/clock.js';
import type { SenderReport } from './rtcp.js';
import type { SequencedRtpPacket } from './rtp-packet.js';
import { RtspClient, type RtspClientOptions, type RtspVideoTrack } from './rtsp-client.js';
import {
  FakeRtspServer,
  interleaved,
  TEST_SDP,
  type FakeResponse,
  type FakeScript,
  type SeenRequest,
} from './testing/fake-rtsp-server.js';
import { buildRtp, buildSenderReport } from './testing/rtp-builder.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

class Recorder {
  readonly packets: SequencedRtpPacket[] = [];
  readonly reports: SenderReport[] = [];
  readonly tracks: RtspVideoTrack[] = [];
  readonly closes: (LanecastError | null)[] = [];
  lost = 0;
  onTrack = (track: RtspVideoTrack): void => void this.tracks.push(track);
  onPacket = (packet: SequencedRtpPacket): void => void this.packets.push(packet);
  onSenderReport = (report: SenderReport): void => void this.reports.push(report);
  onLoss = (count: number): void => void (this.lost += count);
  onClose = (error: LanecastError | null): void => void this.closes.push(error);
}

async function serve(script?: FakeScript): Promise<FakeRtspServer> {
  const server = await FakeRtspServer.open(script);
  cleanups.push(() => server.close());
  return server;
}

function clientFor(url: string, options: Partial<RtspClientOptions> = {}): { client: RtspClient; recorder: Recorder } {
  const recorder = new Recorder();
  const client = new RtspClient(
    { url, transport: 'tcp', connectTimeoutMs: 3000, answerTimeoutMs: 3000, ...options },
    recorder,
  );
  cleanups.push(() => client.close());
  return { client, recorder };
}

async function failureOf(url: string, options: Partial<RtspClientOptions> = {}): Promise<LanecastError> {
  const { client, recorder } = clientFor(url, options);
  const failure = await client.start().then(
    () => null,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(LanecastError);
  // A start() that failed has said all there is to say.
  expect(recorder.closes).toEqual([]);
  return failure as LanecastError;
}

async function until(condition: () => boolean): Promise<void> {
  const endMs = Date.now() + 4000;
  while (!condition()) {
    if (Date.now() > endMs) throw new Error('the condition did not come true in time');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const rtp = (sequenceNumber: number, payload = 'x'): Buffer =>
  buildRtp({ sequenceNumber, timestamp: sequenceNumber * 3600, ssrc: 7, payload: Buffer.from(payload), marker: true });

describe('a session over TCP', () => {
  it('goes through OPTIONS, DESCRIBE, SETUP, PLAY, hands out packets, and ends with TEARDOWN', async () => {
    const server = await serve((request) =>
      request.method === 'PLAY' ? { then: Buffer.concat([interleaved(0, rtp(1)), interleaved(0, rtp(2))]) } : undefined,
    );
    const { client, recorder } = clientFor(server.url('/cam?x=1', 'user:secret'));
    const track = await client.start();
    server.socket.write(Buffer.concat([interleaved(5, rtp(9)), interleaved(0, rtp(3))]));
    await until(() => recorder.packets.length === 3);
    await client.close();
    await client.close();

    expect(server.methods()).toEqual(['OPTIONS', 'DESCRIBE', 'SETUP', 'PLAY', 'TEARDOWN']);
    expect(server.requests[2]!.uri).toBe(`rtsp://127.0.0.1:${server.port}/cam?x=1/trackID=1`);
    expect(server.requests[4]!.headers.get('session')).toBe('12345678');
    // Nobody asked for the password.
    expect(server.requests.some((request) => request.headers.has('authorization'))).toBe(false);
    expect(track).toMatchObject({ codec: 'h264', payloadType: 96, clockRate: 90_000 });
    expect(track.parameterSets.map((nal) => nal[0]! & 31)).toEqual([7, 8]);
    expect(recorder.tracks).toEqual([track]);
    expect(recorder.packets.map((packet) => packet.sequenceNumber)).toEqual([1, 2, 3]);
    expect(recorder.closes).toEqual([null]);
  });

  it('keeps no more memory than the packet itself', async () => {
    const server = await serve();
    const { client, recorder } = clientFor(server.url());
    await client.start();
    server.socket.write(
      Buffer.concat([interleaved(0, rtp(1, 'a'.repeat(500))), interleaved(0, rtp(2, 'b'.repeat(300)))]),
    );
    await until(() => recorder.packets.length === 2);
    for (const { raw, payload } of recorder.packets) {
      expect(raw.buffer.byteLength).toBe(raw.length);
      expect(payload.buffer).toBe(raw.buffer);
    }
    expect(Buffer.from(recorder.packets[0]!.payload).toString()).toBe('a'.repeat(500));
  });

  it('takes the channels that the server chose, reads sender reports and sends receiver reports', async () => {
    const server = await serve((request) =>
      request.method === 'SETUP'
        ? { headers: { Session: 'abc', Transport: 'RTP/AVP/TCP;unicast;interleaved=4-5' } }
        : undefined,
    );
    const { client, recorder } = clientFor(server.url());
    await client.start();
    server.socket.write(
      Buffer.concat([interleaved(4, rtp(1)), interleaved(5, buildSenderReport(7, 2_208_988_800 + 10, 2 ** 31, 4711))]),
    );
    await until(() => recorder.reports.length === 1);
    expect(recorder.reports[0]).toMatchObject({ ssrc: 7, ntpUnixMs: 10_500, rtpTimestamp: 4711 });
    await until(() => server.frames.length > 0);
    expect(server.frames[0]!.channel).toBe(5);
    expect(server.frames[0]!.payload[1]).toBe(201);
  });

  it('counts missing packets, not those of other payload types', async () => {
    const server = await serve();
    const { client, recorder } = clientFor(server.url());
    await client.start();
    const other = buildRtp({ payloadType: 97, sequenceNumber: 500, ssrc: 9 });
    server.socket.write(
      Buffer.concat([rtp(1), other, rtp(2), rtp(5), Buffer.from([1, 2, 3])].map((p) => interleaved(0, p))),
    );
    await until(() => recorder.packets.length === 3);
    await until(() => client.stats.packetsMalformed === 1);
    expect(recorder.lost).toBe(2);
    expect(recorder.packets.at(-1)!.lostBefore).toBe(2);
    expect(client.stats).toMatchObject({ packets: 3, packetsLost: 2, packetsOtherType: 1, packetsMalformed: 1 });
  });

  it("answers the server's own requests", async () => {
    const server = await serve();
    const { client } = clientFor(server.url());
    await client.start();
    server.socket.write('OPTIONS * RTSP/1.0\r\nCSeq: 77\r\n\r\nRECORD * RTSP/1.0\r\nCSeq: 78\r\n\r\n');
    await until(() => server.answers.length === 2);
    expect(server.answers[0]).toMatch(/^RTSP\/1\.0 200 OK\r\nCSeq: 77\r\nPublic: /);
    expect(server.answers[1]).toMatch(/^RTSP\/1\.0 501 Not Implemented\r\nCSeq: 78/);
  });

  it.each([
    ['GET_PARAMETER', 'OPTIONS, GET_PARAMETER'],
    ['OPTIONS', 'OPTIONS, DESCRIBE'],
  ])('keeps the session alive with %s at half its time-out', async (method, methods) => {
    const server = await serve((request) => {
      if (request.method === 'OPTIONS') return { headers: { Public: methods } };
      if (request.method !== 'SETUP') return undefined;
      return { headers: { Session: 'abc;timeout=1', Transport: 'RTP/AVP/TCP;unicast;interleaved=0-1' } };
    });
    const { client, recorder } = clientFor(server.url());
    await client.start();
    await until(() => server.requests.length === 5);
    expect(server.requests[4]!.method).toBe(method);
    expect(server.requests[4]!.headers.get('session')).toBe('abc');
    expect(client.stats.keepAlives).toBe(1);
    expect(recorder.closes).toEqual([]);
  });

  it('resolves Content-Base and absolute control addresses, and drops credentials in them', async () => {
    const server = await serve((request) =>
      request.method === 'DESCRIBE'
        ? { headers: { 'Content-Base': 'rtsp://other:pw@10.0.0.9/base/' }, body: TEST_SDP }
        : undefined,
    );
    const { client } = clientFor(server.url());
    const track = await client.start();
    expect(track.controlUrl).toBe('rtsp://10.0.0.9/base/trackID=1');
    expect(server.requests[3]!.uri).toBe('rtsp://10.0.0.9/base/');
  });
});

describe('authentication', () => {
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const field = (request: SeenRequest, name: string): string =>
    new RegExp(`[ ,]${name}="?([^",]*)`).exec(request.headers.get('authorization') ?? '')?.[1] ?? '';

  it('answers Digest with qop, and a stale nonce once more', async () => {
    let nonce = 'first';
    const server = await serve((request) => {
      const used = field(request, 'nonce');
      const challenge = (stale: boolean): FakeResponse => ({
        status: 401,
        headers: { 'WWW-Authenticate': `Digest realm="r", nonce="${nonce}", qop="auth", stale=${stale}` },
      });
      if (used === '') return challenge(false);
      if (used !== nonce) return challenge(true);
      const ha1 = md5('us er:r:p@ss');
      const ha2 = md5(`${request.method}:${request.uri}`);
      const wanted = md5(`${ha1}:${nonce}:${field(request, 'nc')}:${field(request, 'cnonce')}:auth:${ha2}`);
      if (field(request, 'response') !== wanted) return { status: 403 };
      if (request.method === 'DESCRIBE') nonce = 'second';
      return undefined;
    });
    const { client } = clientFor(server.url('/x', 'us%20er:p%40ss'));
    await client.start();
    expect(server.methods()).toEqual(['OPTIONS', 'OPTIONS', 'DESCRIBE', 'SETUP', 'SETUP', 'PLAY']);
    expect(field(server.requests[2]!, 'nc')).toBe('00000002');
    expect(field(server.requests[4]!, 'nc')).toBe('00000001');
  });

  it.each([
    ['Basic', 'Basic realm="cam"'],
    ['Digest', 'Digest realm="cam", nonce="n"'],
    ['Digest that renews its nonce each time', 'fresh'],
    ['Digest that is always stale', 'Digest realm="cam", nonce="n", stale=true'],
  ])('gives up on a wrong password with %s', async (_name, header) => {
    let count = 0;
    const server = await serve(() => ({
      status: 401,
      headers: { 'WWW-Authenticate': header === 'fresh' ? `Digest realm="cam", nonce="n${count++}"` : header },
    }));
    const error = await failureOf(server.url('/x', 'user:wrongsecret'));
    expect(error.code).toBe('rtsp-unauthorised');
    expect(error.message).not.toContain('wrongsecret');
    expect(server.requests.length).toBeLessThanOrEqual(3);
  });

  it('says so when credentials are missing, or the scheme is unknown', async () => {
    const server = await serve(() => ({ status: 401, headers: { 'WWW-Authenticate': 'Bearer realm="x"' } }));
    const missing = await failureOf(server.url());
    expect(missing).toMatchObject({
      code: 'rtsp-unauthorised',
      message: expect.stringContaining('wants a user name and password') as string,
    });
    // The log redacts addresses: a hint written as one would lose the very part that it teaches.
    expect(redactText(missing.message)).toContain('user:password@');
    expect(await failureOf(server.url('/x', 'u:p'))).toMatchObject({
      message: expect.stringContaining('kind of authentication') as string,
    });
  });
});

describe('redirects', () => {
  it('are followed, and credentials never reach another host', async () => {
    const target = await serve((request) =>
      request.headers.has('authorization')
        ? undefined
        : { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' } },
    );
    const first = await serve((request) => {
      if (!request.headers.has('authorization'))
        return { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' } };
      return { status: 302, headers: { Location: `rtsp://localhost:${target.port}/moved` } };
    });
    const error = await failureOf(first.url('/x', 'user:secret'));
    expect(error.code).toBe('rtsp-unauthorised');
    expect(target.requests.length).toBeGreaterThan(0);
    expect(target.requests.some((request) => request.headers.has('authorization'))).toBe(false);
    expect(JSON.stringify(target.requests.map((request) => request.uri))).not.toContain('secret');
  });

  it('keep the credentials on the same host', async () => {
    const server: FakeRtspServer = await serve((request) => {
      if (!request.headers.has('authorization'))
        return { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' } };
      return request.uri.includes('/old') ? { status: 301, headers: { Location: server.url('/new') } } : undefined;
    });
    const { client, recorder } = clientFor(server.url('/old', 'user:secret'));
    await client.start();
    expect(client.stats.redirects).toBe(1);
    expect(server.sockets).toHaveLength(2);
    expect(recorder.closes).toEqual([]);
  });

  it('end after three, and lead nowhere but to RTSP', async () => {
    const endless: FakeRtspServer = await serve(() => ({ status: 302, headers: { Location: endless.url('/again') } }));
    expect(await failureOf(endless.url())).toMatchObject({ code: 'rtsp-refused' });
    expect(endless.sockets).toHaveLength(4);
    const web = await serve(() => ({ status: 302, headers: { Location: 'http://u:hidden@example.org/' } }));
    const error = await failureOf(web.url());
    expect(error.code).toBe('rtsp-refused');
    expect(error.message).not.toContain('hidden');
  });
});

describe('what goes wrong has a name', () => {
  const describeWith = (response: FakeResponse): FakeScript => {
    return (request) => (request.method === 'DESCRIBE' ? response : undefined);
  };
  const sdp = (media: string): FakeResponse => ({ body: `v=0\r\ns=x\r\n${media}\r\n` });

  it.each<[string, FakeResponse, string]>([
    ['404', { status: 404 }, 'rtsp-not-found'],
    ['another status', { status: 503 }, 'rtsp-refused'],
    ['no answer', { silent: true }, 'rtsp-timeout'],
    ['the end of the connection', { silent: true, close: true }, 'rtsp-closed'],
    ['bytes that are no RTSP', { raw: '\u0001\u0002\u0003' }, 'rtsp-protocol'],
    ['HTTP', { raw: 'HTTP/1.1 400 Bad Request\r\n\r\n' }, 'rtsp-protocol'],
    ['an endless header', { raw: `RTSP/1.0 200 OK\r\n${'x'.repeat(20_000)}` }, 'rtsp-protocol'],
    ['too many headers', { raw: `RTSP/1.0 200 OK\r\n${'a: b\r\n'.repeat(200)}\r\n` }, 'rtsp-protocol'],
    [
      'a body without bound',
      { raw: 'RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 999999999\r\n\r\n' },
      'rtsp-protocol',
    ],
    ['no session description', { body: 'hello' }, 'rtsp-protocol'],
    ['audio only', sdp('m=audio 0 RTP/AVP 0'), 'no-video'],
    ['JPEG', sdp('m=video 0 RTP/AVP 26'), 'unsupported-codec'],
    ['VP8', sdp('m=video 0 RTP/AVP 96\r\na=rtpmap:96 VP8/90000'), 'unsupported-codec'],
  ])('%s', async (_name, response, code) => {
    const server = await serve(describeWith(response));
    const error = await failureOf(
      server.url('/x', 'user:topsecret'),
      response.silent === true ? { answerTimeoutMs: 200 } : {},
    );
    expect(error.code).toBe(code);
    expect(error.message).not.toContain('topsecret');
    expect(error.message).not.toContain('\n');
  });

  it.each<[string, FakeResponse, string]>([
    ['without a session', { headers: { Transport: 'RTP/AVP/TCP;interleaved=0-1' } }, 'rtsp-protocol'],
    ['without a transport', { headers: { Session: 'a' } }, 'rtsp-protocol'],
    [
      'with another transport',
      { headers: { Session: 'a', Transport: 'RTP/AVP;unicast;server_port=1-2' } },
      'rtsp-refused',
    ],
    ['that refuses the transport', { status: 461 }, 'rtsp-refused'],
  ])('an answer to SETUP %s', async (_name, response, code) => {
    const server = await serve((request) => (request.method === 'SETUP' ? response : undefined));
    expect((await failureOf(server.url())).code).toBe(code);
  });

  it('a refused port, and an unknown name', async () => {
    const server = await serve();
    const url = server.url();
    await server.close();
    expect(await failureOf(url)).toMatchObject({
      code: 'rtsp-unreachable',
      message: expect.stringContaining('refused port') as string,
    });
    expect(await failureOf('rtsp://no-such-host.invalid/x')).toMatchObject({ code: 'rtsp-unreachable' });
    expect(await failureOf('http://x/')).toMatchObject({ code: 'bad-url' });
  });

  it('a server that dies', async () => {
    const server = await serve();
    const { client, recorder } = clientFor(server.url());
    await client.start();
    server.socket.resetAndDestroy();
    await until(() => recorder.closes.length === 1);
    expect(recorder.closes[0]?.code).toBe('rtsp-closed');
    await client.close();
    expect(recorder.closes).toHaveLength(1);
  });

  it('a server that ends the connection right behind its answer to PLAY', async () => {
    const server = await serve((request) => (request.method === 'PLAY' ? { then: Buffer.from([0x00]) } : undefined));
    expect((await failureOf(server.url())).code).toBe('rtsp-protocol');
  });

  it('silence', async () => {
    const server = await serve();
    const { client, recorder } = clientFor(server.url(), { silenceTimeoutMs: 80 });
    await client.start();
    await until(() => recorder.closes.length === 1);
    expect(recorder.closes[0]?.code).toBe('rtsp-silence');
  });

  it('a goodbye that no media follows', async () => {
    const server = await serve();
    const fast: Clock = { nowMs: monotonicMs, after: (delayMs, callback) => systemClock.after(delayMs / 4, callback) };
    const { client, recorder } = clientFor(server.url(), { clock: fast });
    await client.start();
    const bye = interleaved(1, Buffer.from([0x81, 203, 0, 1, 0, 0, 0, 7]));
    server.socket.write(Buffer.concat([interleaved(0, rtp(1)), bye, bye]));
    setTimeout(() => server.socket.write(interleaved(0, rtp(2))), 30);
    await new Promise((resolve) => setTimeout(resolve, 450));
    expect(recorder.closes).toEqual([]);
    server.socket.write(bye);
    await until(() => recorder.closes.length === 1);
    expect(recorder.closes[0]).toMatchObject({
      code: 'rtsp-closed',
      message: expect.stringContaining('BYE') as string,
    });
  });

  it('TEARDOWN by the server', async () => {
    const server = await serve();
    const { client, recorder } = clientFor(server.url());
    await client.start();
    server.socket.write('TEARDOWN rtsp://x/ RTSP/1.0\r\nCSeq: 1\r\n\r\n');
    await until(() => recorder.closes.length === 1);
    expect(recorder.closes[0]?.code).toBe('rtsp-closed');
  });

  it('a failing handler', async () => {
    const server = await serve();
    const closes: (LanecastError | null)[] = [];
    const client = new RtspClient(
      { url: server.url(), transport: 'tcp' },
      {
        onPacket: () => {
          throw new TypeError('a bug');
        },
        onClose: (error) => void closes.push(error),
      },
    );
    await client.start();
    server.socket.write(interleaved(0, rtp(1)));
    await until(() => closes.length === 1);
    expect(closes[0]).toMatchObject({ code: 'rtsp-internal', cause: new TypeError('a bug') });
  });
});

describe('close() and abort', () => {
  it('end a start() that hangs', async () => {
    const server = await serve(() => ({ silent: true }));
    const abort = new AbortController();
    const { client } = clientFor(server.url(), { answerTimeoutMs: 60_000, signal: abort.signal });
    const started = client.start();
    await until(() => server.requests.length === 1);
    abort.abort();
    await expect(started).rejects.toMatchObject({ code: 'aborted' });
    await expect(client.start()).rejects.toMatchObject({ code: 'aborted' });
  });

  it('take effect before start() too', async () => {
    const { client, recorder } = clientFor('rtsp://127.0.0.1:9/x', { signal: AbortSignal.abort() });
    await expect(client.start()).rejects.toMatchObject({ code: 'aborted' });
    expect(recorder.closes).toEqual([]);
  });

  it('wait for a mute server only a bounded time', async () => {
    const server = await serve((request) => (request.method === 'TEARDOWN' ? { silent: true } : undefined));
    const { client, recorder } = clientFor(server.url(), { teardownTimeoutMs: 50 });
    await client.start();
    const startMs = Date.now();
    await client.close();
    expect(Date.now() - startMs).toBeLessThan(500);
    expect(recorder.closes).toEqual([null]);
    await until(() => server.socket.destroyed || server.socket.readableEnded);
  });
});

describe('a session over UDP', () => {
  async function udpServer(): Promise<{
    server: FakeRtspServer;
    socket: dgram.Socket;
    received: Buffer[];
    clientPort: () => number;
  }> {
    const socket = dgram.createSocket('udp4');
    const received: Buffer[] = [];
    socket.on('message', (message) => received.push(message));
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    cleanups.push(() => new Promise<void>((resolve) => void socket.close(resolve)));
    const server = await serve((request) => {
      if (request.method !== 'SETUP') return undefined;
      const port = socket.address().port;
      const transport = `${request.headers.get('transport')!};server_port=${port}-${port}`;
      return { headers: { Session: 'abc', Transport: transport } };
    });
    const clientPort = (): number =>
      Number(
        /client_port=(\d+)-/.exec(
          server.requests.find(({ method }) => method === 'SETUP')!.headers.get('transport')!,
        )![1],
      );
    return { server, socket, received, clientPort };
  }

  it('uses an even port, opens the way, and puts packets into order', async () => {
    const { server, socket, received, clientPort } = await udpServer();
    const { client, recorder } = clientFor(server.url(), { transport: 'udp', reorderWaitMs: 20 });
    await client.start();
    expect(clientPort() % 2).toBe(0);
    await until(() => received.length >= 2);
    expect(received.map((packet) => packet[1]).sort()).toEqual([0, 201]);
    for (const sequence of [1, 3, 2, 2, 4, 6]) socket.send(rtp(sequence), clientPort(), '127.0.0.1');
    await until(() => recorder.packets.length === 5);
    expect(recorder.packets.map((packet) => packet.sequenceNumber)).toEqual([1, 2, 3, 4, 6]);
    expect(recorder.packets.at(-1)!.lostBefore).toBe(1);
    expect(client.stats).toMatchObject({ packetsLost: 1, packetsReordered: 1, packetsDuplicate: 1 });
  });

  it('takes nothing from other addresses', async () => {
    const { server, socket, clientPort } = await udpServer();
    const { client, recorder } = clientFor(server.url(), { transport: 'udp' });
    await client.start();
    const stranger = dgram.createSocket('udp4');
    cleanups.push(() => new Promise<void>((resolve) => void stranger.close(resolve)));
    await new Promise<void>((resolve) => stranger.bind(0, '127.0.0.2', resolve));
    stranger.send(rtp(100), clientPort(), '127.0.0.1');
    await until(() => client.stats.datagramsForeign === 1);
    socket.send(rtp(1), clientPort(), '127.0.0.1');
    await until(() => recorder.packets.length === 1);
    expect(recorder.packets[0]!.sequenceNumber).toBe(1);
  });

  it('says that a firewall may be in the way when nothing ever comes', async () => {
    const { server } = await udpServer();
    const { client, recorder } = clientFor(server.url(), { transport: 'udp', silenceTimeoutMs: 60 });
    await client.start();
    await until(() => recorder.closes.length === 1);
    expect(recorder.closes[0]).toMatchObject({
      code: 'rtsp-silence',
      message: expect.stringContaining('use tcp') as string,
    });
  });

  it('is refused together with rtsps, which would not encrypt it', async () => {
    expect(await failureOf('rtsps://127.0.0.1/x', { transport: 'udp' })).toMatchObject({ code: 'bad-url' });
  });
});

describe('resources', () => {
  it('are all given back after many sessions', async () => {
    const server = await serve();
    const before = process.getActiveResourcesInfo().length;
    for (let i = 0; i < 20; i++) {
      const { client } = clientFor(server.url(), { transport: 'tcp' });
      await client.start();
      await client.close();
    }
    await until(() => server.sockets.every((socket) => socket.destroyed));
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before + 1);
  });

  it('is not kept by a server that floods requests and reads nothing', async () => {
    const flood = Buffer.from('OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n'.repeat(2000));
    let feeding = true;
    const server = net.createServer((socket) => {
      socket.pause();
      socket.on('error', () => (feeding = false));
      const feed = (): void => {
        if (feeding && !socket.destroyed) socket.write(flood, () => setImmediate(feed));
      };
      feed();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => {
      feeding = false;
      server.close();
    });
    const port = (server.address() as net.AddressInfo).port;
    const error = await failureOf(`rtsp://127.0.0.1:${port}/x`, { answerTimeoutMs: 5000 });
    expect(error.code).toBe('rtsp-protocol');
  }, 10_000);
});
