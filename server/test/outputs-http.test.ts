import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';

import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';

import type { Config } from '../dist/config/schema.js';
import { createMetrics } from '../dist/ops/metrics.js';
import type { HttpServer, HttpServerOptions } from '../dist/outputs/http/server.js';
import { ManualClock } from '../dist/core/testing.js';
import { createHttpServer } from '../dist/outputs/http/server.js';
import type { FakeStream } from './outputs-fake-pipeline.js';
import { FakePipeline } from './outputs-fake-pipeline.js';
import { ask, askAndNeverRead, askJson, EventsClient, eventually, MultipartClient } from './outputs-http-client.js';

const MJPEG: Config['mjpeg'] = { width: 640, height: 360, maxFps: 12, quality: 60 };
const TWO: FakeStream[] = [
  { id: 'north', rgb: 0x304878 },
  { id: 'east', rgb: 0x307838 },
];
const TOKEN = 'correct horse battery'.replaceAll(' ', '-');

const open: { pipeline: FakePipeline; server: HttpServer | null }[] = [];

async function start(
  serverConfig: Partial<Config['server']> = {},
  { streams = TWO, fps = 25, ...more }: Partial<HttpServerOptions> & { streams?: FakeStream[]; fps?: number } = {},
) {
  const pipeline = new FakePipeline(streams, fps);
  const entry: (typeof open)[number] = { pipeline, server: null };
  open.push(entry);
  const config = { server: { host: '127.0.0.1', port: 0, allowedHosts: [], ...serverConfig }, mjpeg: MJPEG };
  const server = await createHttpServer({
    pipeline,
    config,
    logger: pino({ level: 'silent' }),
    createMetrics,
    ...more,
  });
  entry.server = server;
  return { pipeline, server };
}

afterEach(async () => {
  for (const { pipeline, server } of open.splice(0)) {
    await server?.close();
    pipeline.close();
  }
});

describe('listening', () => {
  it('says which port is in use and what to do', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(start({ port })).rejects.toMatchObject({
      code: 'port-in-use',
      message: expect.stringMatching(new RegExp(`Port ${port} .*--port`)) as string,
    });
    other.close();
  });

  it.each(['0.0.0.0', '::', '192.168.7.7'])('refuses %s without a token', async (host) => {
    await expect(start({ host })).rejects.toMatchObject({
      code: 'bind-needs-token',
      message: expect.stringContaining('server.token') as string,
    });
  });

  it('listens on all interfaces with a token', async () => {
    const { server } = await start({ host: '0.0.0.0', token: TOKEN });
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const { status } = await ask(`${server.url}/healthz`, { headers: { Host: '10.1.2.3:8080' } });
    expect(status).toBe(200);
  });
});

describe('the JSON interfaces', () => {
  it('lists streams, figures and the configuration without its secrets', async () => {
    const streams = [{ id: 'a', url: 'rtsp://admin:hunter2@camera/1' }];
    const { server } = await start(
      { token: TOKEN },
      {
        config: {
          server: { host: '127.0.0.1', port: 0, allowedHosts: [], token: TOKEN },
          mjpeg: MJPEG,
          streams,
        } as HttpServerOptions['config'],
      },
    );
    const headers = { Authorization: `Bearer ${TOKEN}` };
    const list = await askJson(`${server.url}/api/streams`, { headers });
    expect(list.headers['cache-control']).toBe('no-store');
    expect(list.json).toMatchObject([{ id: 'north' }, { id: 'east' }]);
    const stats = await askJson(`${server.url}/api/stats`, { headers });
    expect(stats.json).toMatchObject({ version: '0.1.0', outputs: { mjpeg: { clients: 0 }, events: { clients: 0 } } });
    const config = await ask(`${server.url}/api/config`, { headers });
    expect(config.body.toString()).toContain('"rtsp://camera/1"');
    expect(config.body.toString()).not.toContain('hunter2');
    expect(config.body.toString()).not.toContain(TOKEN);
  });

  it('exposes metrics under lanecast_ names', async () => {
    const { server } = await start();
    const { status, headers, body } = await ask(`${server.url}/metrics`);
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/plain/);
    const text = body.toString();
    expect(text).toContain('lanecast_stream_state{stream="north",state="live"} 1');
    expect(text).toContain('lanecast_stage_latency_seconds{stage="infer",quantile="0.99"} 0.025');
    for (const line of text.split('\n')) if (line && !line.startsWith('#')) expect(line).toMatch(/^lanecast_/);
  });

  it('is alive at once, and ready when frames are processed', async () => {
    const { server } = await start({}, { streams: [{ id: 'dead', rgb: 0, state: 'connecting' }] });
    expect((await ask(`${server.url}/healthz`)).status).toBe(200);
    const dead = await askJson(`${server.url}/readyz`);
    expect(dead).toMatchObject({ status: 503, json: { code: 'not-ready' } });
    const live = await start();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect((await ask(`${live.server.url}/readyz`)).status).toBe(200);
    const none = await start({}, { streams: [] });
    expect((await ask(`${none.server.url}/readyz`)).status).toBe(200);
  });
});

describe('/healthz', () => {
  it('says which stage hangs, and is well again when it goes on', async () => {
    const clock = new ManualClock();
    const { server, pipeline } = await start({}, { clock, streams: [] });
    const detector = { name: 'detector', input: 0, output: 0, patient: false };
    pipeline.signs = () => [{ ...detector, input: ++detector.input }];
    clock.advance(29_000);
    expect((await ask(`${server.url}/healthz`)).status).toBe(200);
    clock.advance(5000);
    const { status, json } = await askJson(`${server.url}/healthz`);
    expect([status, json['code']]).toEqual([503, 'not-alive']);
    expect(json['detail']).toContain('the detector has had work for 33 s and does none');
    detector.output++;
    // The media worker is a real thread, which beats in real time.
    await new Promise((resolve) => setTimeout(resolve, 1200));
    clock.advance(1000);
    expect((await ask(`${server.url}/healthz`)).status).toBe(200);
  });
});

describe('errors', () => {
  it.each([
    ['GET', '/nothing', 404, 'not-found'],
    ['GET', '/stream/nobody', 404, 'stream-unknown'],
    ['GET', '/snapshot/nobody.jpg', 404, 'stream-unknown'],
    ['GET', '/snapshot/north.png', 404, 'not-found'],
    ['GET', '/api/tracks?stream=nobody', 404, 'stream-unknown'],
    ['GET', '/api/tracks?streams=north', 400, 'query-invalid'],
    ['GET', '/%zz', 400, 'request-invalid'],
    ['POST', '/api/streams', 405, 'method-not-allowed'],
    ['DELETE', '/stream/north', 405, 'method-not-allowed'],
  ])('%s %s is a problem: %d %s', async (method, path, status, code) => {
    const { server } = await start();
    const answer = await askJson(`${server.url}${path}`, { method });
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(answer.json).toMatchObject({ type: 'about:blank', status, code });
    expect(answer.json['detail']).toBeTypeOf('string');
    if (status === 405) expect(answer.headers['allow']).toBe('GET, HEAD');
    if (code === 'stream-unknown') expect(answer.json['streams']).toEqual(['north', 'east']);
  });

  it('names a query parameter that it does not know', async () => {
    const { server } = await start();
    const answer = await askJson(`${server.url}/api/tracks?foo=1`);
    expect(answer.json['detail']).toBe('unknown query parameter foo');
  });

  it('answers what is no HTTP with a problem, too', async () => {
    const { server } = await start();
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write('nonsense\r\n\r\n'));
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toContain('"code":"request-malformed"');
  });

  it('refuses headers beyond all measure', async () => {
    const { server } = await start();
    const { status, json } = await askJson(`${server.url}/healthz`, { headers: { 'X-Long': 'x'.repeat(20_000) } });
    expect(status).toBe(431);
    expect(json['code']).toBe('headers-too-large');
  });

  it('does not tell strangers what went wrong inside', async () => {
    const lines: string[] = [];
    const { server } = await start(
      {},
      {
        logger: pino({}, { write: (line: string) => lines.push(line) }),
        createMetrics: () => ({ contentType: 'text/plain', render: () => Promise.reject(new Error('inner detail')) }),
      },
    );
    const { status, json } = await askJson(`${server.url}/metrics`);
    expect(status).toBe(500);
    expect(json).toMatchObject({ code: 'internal' });
    expect(JSON.stringify(json)).not.toContain('inner detail');
    expect(lines.join('')).toContain('inner detail');
  });
});

describe('access', () => {
  it.each([
    ['localhost:8080', 200],
    ['127.0.0.1', 200],
    ['[::1]:9', 200],
    ['LANECAST.example:1', 200],
    ['evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['10.0.0.1', 403],
    ['a b', 403],
  ])('Host %s gets %d', async (host, status) => {
    const { server } = await start({ allowedHosts: ['lanecast.example'] });
    const answer = await ask(`${server.url}/api/streams`, { headers: { Host: host } });
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.body.toString()).toContain('"code":"host-not-allowed"');
  });

  it('wants the token everywhere but on the page and the probes', async () => {
    const { server } = await start({ token: TOKEN });
    const status = async (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<number> =>
      (await ask(server.url + path, { headers, method })).status;
    const bearer = { Authorization: `Bearer ${TOKEN}` };
    for (const path of ['/', '/theme.js', '/icon.svg', '/healthz', '/readyz'])
      expect([200, 503], path).toContain(await status(path));
    for (const path of ['/api/streams', '/api/stats', '/api/config', '/api/tracks', '/metrics', '/stream', '/nothing'])
      expect(await status(path), path).toBe(401);
    expect(await status('/api/streams', bearer)).toBe(200);
    expect(await status('/api/streams', { Authorization: `Bearer ${TOKEN}x` })).toBe(401);
    expect(await status('/api/streams', { Authorization: `Basic ${TOKEN}` })).toBe(401);
    expect(await status(`/api/streams?token=${TOKEN}`)).toBe(401);
    expect(await status(`/snapshot.jpg?token=${TOKEN}`)).toBe(200);
    expect(await status(`/snapshot.jpg?token=wrong`)).toBe(401);
    expect(await status(`/snapshot.jpg?token=${TOKEN}`, {}, 'POST')).toBe(401);
    const client = await MultipartClient.connect(`${server.url}/stream?token=${TOKEN}`);
    await client.next();
    client.close();
    const events = await EventsClient.connect(`${server.url}/api/tracks?token=${TOKEN}`);
    await events.next();
    events.close();
    const refused = await ask(`${server.url}/api/streams`);
    expect(refused.headers['www-authenticate']).toBe('Bearer realm="lanecast"');
  });

  it('sends the page with headers that keep others out and let the page be isolated', async () => {
    const { server } = await start();
    const { headers, body } = await ask(`${server.url}/`);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['cross-origin-opener-policy']).toBe('same-origin');
    expect(headers['cross-origin-embedder-policy']).toBe('credentialless');
    expect(headers['cross-origin-resource-policy']).toBe('same-origin');
    expect(body.toString()).not.toMatch(/(src|href)="https?:/);
  });
});

describe('server-sent events', () => {
  it('sends one object per processed frame, with the documented fields', async () => {
    const { server } = await start();
    const client = await EventsClient.connect(`${server.url}/api/tracks`);
    expect(client.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    const first = await client.next();
    expect(first).toMatchObject({ width: 1280, height: 720 });
    expect(Object.keys(first)).toEqual(['stream', 'ptsUs', 'rtpTimestamp', 'epoch', 'width', 'height', 'tracks']);
    expect(first['tracks']).toEqual([
      { id: 3, class: 'car', score: 0.9, box: [320, 180, 320, 180], speedKmh: 87.4, speedSigmaKmh: 2 },
    ]);
    const streams = new Set([first['stream'], (await client.next())['stream']]);
    expect(streams).toEqual(new Set(['north', 'east']));
    client.close();
  });

  it('sends the streams that were asked for, and unsubscribes from the pipeline afterwards', async () => {
    const { pipeline, server } = await start();
    const idle = pipeline.trackListeners;
    const client = await EventsClient.connect(`${server.url}/api/tracks?stream=east`);
    let last = 0;
    for (let i = 0; i < 5; i++) {
      const event = await client.next();
      expect(event['stream']).toBe('east');
      expect(event['ptsUs']).toBeGreaterThan(last);
      last = event['ptsUs'] as number;
    }
    client.close();
    await eventually(() => pipeline.trackListeners === idle);
  });

  it('drops for the client that does not read, and only for it', async () => {
    // Five hundred vehicles a frame fill a socket quickly.
    const tracks = Array.from({ length: 500 }, (_, id) => ({
      id,
      class: 'car',
      score: 0.5,
      box: [1, 2, 3, 4] as [number, number, number, number],
      speedKmh: 50,
      speedSigmaKmh: 1,
    }));
    const { server } = await start({}, { streams: [{ id: 'busy', rgb: 0, tracks }], fps: 100 });
    const stuck = await askAndNeverRead(server.url, '/api/tracks');
    const client = await EventsClient.connect(`${server.url}/api/tracks`);
    const events = async () => {
      const { json } = await askJson(`${server.url}/api/stats`);
      return (json as { outputs: { events: { clients: number; sent: number; replaced: number } } }).outputs.events;
    };
    const end = Date.now() + 20_000;
    while ((await events()).replaced < 20) {
      if (Date.now() > end) throw new Error('the slow client never fell behind');
      for (let i = 0; i < 10; i++) await client.next();
    }
    let last = (await client.next())['ptsUs'] as number;
    for (let i = 0; i < 20; i++) {
      const { ptsUs } = (await client.next()) as { ptsUs: number };
      expect(ptsUs).toBe(last + 40_000);
      last = ptsUs;
    }
    stuck.close();
    client.close();
  });
});
