import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { interleaved, TEST_SDP } from './testing/fake-rtsp-server.js';
import { buildRtp, buildSenderReport } from './testing/rtp-builder.js';
import { cleanups, clientFor, failureOf, rtp, serve, until } from './testing/rtsp-client-rig.js';

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
