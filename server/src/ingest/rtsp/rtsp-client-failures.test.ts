import { describe, expect, it } from 'vitest';
import type { Clock } from '../../core/clock.js';
import { LanecastError } from '../../core/errors.js';
import { monotonicMs, systemClock } from '../../ops/clock.js';
import { RtspClient } from './rtsp-client.js';
import { interleaved, type FakeResponse, type FakeScript } from './testing/fake-rtsp-server.js';
import { clientFor, failureOf, rtp, serve, until } from './testing/rtsp-client-rig.js';

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
