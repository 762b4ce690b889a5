/** Cameras that come, change and go while the server runs: by HTTP and by the file, on real streams. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LiveConfig } from '../dist/config/live-config.js';
import { parseConfigText, validateConfig } from '../dist/config/load.js';
import type { Config } from '../dist/config/schema.js';
import { YamlStreamBook } from '../dist/config/stream-book.js';
import type { TrackMessage } from '../dist/core/types.js';
import type { PacketMessage } from '../dist/ingest/messages.js';
import { countConsumed } from '../dist/ingest/packet-tap.js';
import { createMetrics } from '../dist/ops/metrics.js';
import { createHttpServer, type HttpServer } from '../dist/outputs/http/server.js';
import { LivePipeline } from '../dist/pipeline/live-pipeline.js';
import { ask, askJson, EventsClient, MultipartClient, type RequestExtras } from './outputs-http-client.js';
import { Rig, stateOf, until } from './pipeline-rig.js';
import { Player } from './whep-player.js';

const TOKEN = 'correct-horse-battery';
const FRAME_US = 40_000;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
  for (const path of ['kept', 'one', 'two']) await rig.publish(path);
});
afterAll(() => rig.close());

let directory: string;
let file: string;
let pipeline: LivePipeline;
let control: LiveConfig;
let server: HttpServer;
const lines: string[] = [];

const camera = (id: string, path = id) => ({ id, url: rig.server.url(path).replace('://', '://user:hunter2@') });
const yaml = (streams: object[], more = ''): string =>
  `# my cameras\nstreams:\n${streams.map((s) => `  - ${JSON.stringify(s)}\n`).join('')}` +
  `ingest: {stallTimeoutMs: 1000, backoffMinMs: 100, backoffMaxMs: 1000, connectTimeoutMs: 1500}\n` +
  `detector: {model: ${JSON.stringify(rig.modelPath)}, executionProvider: cpu, threads: 1, maxBatch: 1}\n${more}`;

async function start(text = yaml([camera('kept'), camera('one')])): Promise<void> {
  writeFileSync(file, text);
  const load = (content: string): Config => {
    const { raw, locate } = parseConfigText(content, file);
    return validateConfig(raw, locate);
  };
  const config = load(text);
  const log = (_: object, message: string): void => void lines.push(message);
  pipeline = await LivePipeline.start(config, { info: log, warn: log });
  control = new LiveConfig({
    config,
    file: { path: file, text, load },
    createBook: (onWritten) => new YamlStreamBook(file, load, onWritten),
    apply: (next, changes) => pipeline.follow(next, changes),
    log: { info: log, warn: log },
  });
  server = await createHttpServer({
    pipeline,
    control,
    config: { server: { ...config.server, port: 0 }, mjpeg: { width: 640, height: 360, maxFps: 12, quality: 60 } },
    logger: pino({ level: 'silent' }),
    createMetrics,
  });
}
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lanecast-streams-'));
  file = join(directory, 'lanecast.yaml');
});
afterEach(async () => {
  await control.close();
  await server.close();
  await pipeline.close();
  rmSync(directory, { recursive: true, force: true });
});

const send = (method: string, path: string, body?: unknown, { headers }: RequestExtras = {}) =>
  askJson(`${server.url}${path}`, {
    method,
    headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
const live = async (...ids: string[]): Promise<void> => {
  for (const id of ids)
    await until(() => pipeline.streams().some((s) => s.id === id && s.state === 'live'), `${id} is live`);
};

/** All that reaches readers of one stream: its packets, and its tracks. */
function follow(id: string) {
  const units: PacketMessage[] = [];
  const messages: TrackMessage[] = [];
  const { port, progress } = pipeline.packets(id);
  let closed = false;
  port.on('message', (unit: PacketMessage) => {
    countConsumed(progress);
    units.push(unit);
  });
  port.on('close', () => (closed = true));
  const stop = pipeline.onTracks((message) => {
    if (message.stream === id) messages.push(message);
  });
  return {
    units,
    messages,
    /** The reader was never sent away, and no unit is missing. */
    expectNoGap: () => {
      expect(closed).toBe(false);
      expect(units.length).toBeGreaterThan(20);
      expect(new Set(units.slice(1).map(({ ptsUs }, i) => ptsUs - units[i]!.ptsUs))).toEqual(new Set([FRAME_US]));
      const epochs = new Set(messages.map(({ epoch }) => epoch));
      expect(epochs.size).toBe(1);
    },
    close: () => {
      stop();
      port.close();
    },
  };
}

describe('cameras of a running server', () => {
  it('come, change and go by HTTP, while the others lose nothing', async () => {
    await start();
    await live('kept', 'one');
    const kept = follow('kept');
    const before = stateOf(pipeline, 'kept');
    await sleep(500);

    const added = await send('POST', '/api/streams', { ...camera('two'), scaleMPerPx: 0.1 });
    expect(added.status).toBe(201);
    expect(added.headers.location).toBe('/api/streams/two');
    expect(added.json).toMatchObject({ id: 'two', change: 'added', persisted: true, stream: { index: 2 } });
    await live('two');
    expect((await askJson(`${server.url}/api/streams/two`)).json).toMatchObject({ id: 'two', calibrated: 'scale' });

    // Another camera in its place: for everybody else the stream goes on.
    const times: number[] = [];
    const stop = pipeline.onTracks(({ stream, ptsUs }) => {
      if (stream === 'two') times.push(ptsUs);
    });
    await until(() => times.length > 10, 'frames of the first camera came');
    const packets = follow('two');
    const changed = await send('PUT', '/api/streams/two', { url: rig.server.url('one') });
    expect(changed.json).toMatchObject({ change: 'reconnected', stream: { index: 2, state: 'connecting' } });
    const until2 = times.length;
    await live('two');
    await until(() => times.length > until2 + 20, 'frames of the other camera came');
    stop();
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    expect(stateOf(pipeline, 'two').epoch).toBeGreaterThan(1);
    expect(stateOf(pipeline, 'two').counters.connects).toBe(2);
    expect(readFileSync(file, 'utf8')).toContain(`user:hunter2@127.0.0.1:${new URL(rig.server.url('one')).port}/one`);
    packets.close();

    // Only a calibration: not even that stream is interrupted.
    const connects = stateOf(pipeline, 'one').counters.connects;
    const calibrated = await send('PUT', '/api/streams/one', { url: rig.server.url('one'), scaleMPerPx: 0.2 });
    expect(calibrated.json).toMatchObject({ change: 'calibrated', stream: { calibrated: 'scale', state: 'live' } });
    expect(stateOf(pipeline, 'one').counters.connects).toBe(connects);
    expect(pipeline.calibration('one')).toEqual({ scaleMPerPx: 0.2 });

    expect((await send('DELETE', '/api/streams/one')).json).toMatchObject({ change: 'removed', stream: null });
    expect(pipeline.streams().map(({ id, index }) => [id, index])).toEqual([
      ['kept', 0],
      ['two', 2],
    ]);
    expect((await ask(`${server.url}/api/streams/one`)).status).toBe(404);
    expect((await ask(`${server.url}/metrics`)).body.toString()).not.toContain('stream="one"');

    // It comes back: another index, and its time goes on.
    await send('POST', '/api/streams', camera('one'));
    await live('one');
    expect(stateOf(pipeline, 'one').index).toBe(3);
    await sleep(500);
    kept.expectNoGap();
    kept.close();
    const after = stateOf(pipeline, 'kept');
    expect(after.index).toBe(before.index);
    expect(after.counters).toMatchObject({ connects: 1, packetsLost: 0, unitsDamaged: 0, decodeErrors: 0 });
    expect(after.counters.accessUnits).toBeGreaterThan(before.counters.accessUnits);

    // What is written is what runs, with its comment; a start would have the same.
    expect(readFileSync(file, 'utf8')).toContain('# my cameras');
    expect(readdirSync(directory)).toEqual(['lanecast.yaml']);
    const config = (await askJson(`${server.url}/api/config`)).json;
    expect(config['source']).toEqual({ file, persistent: true, error: null, needsRestart: [] });
    expect(JSON.stringify([config, added.json, changed.json, pipeline.streams(), lines])).not.toContain('hunter2');
  });

  it('follow the file, and a file with faults changes nothing and is told', async () => {
    await start();
    await live('kept', 'one');
    const kept = follow('kept');
    writeFileSync(file, yaml([camera('two'), camera('kept')], 'server: {port: 1}\n'));
    await until(
      () =>
        pipeline
          .streams()
          .map(({ id }) => id)
          .join() === 'two,kept',
      'the file is in force',
    );
    await live('two');
    const stats = async (): Promise<string> =>
      JSON.stringify((await askJson(`${server.url}/api/stats`)).json['notices']);
    expect(await stats()).toContain('from the next start on: server.port');
    writeFileSync(file, yaml([{ ...camera('kept'), transprot: 'udp' }]));
    await until(() => control.status().error !== null, 'the fault is told');
    expect(await stats()).toMatch(/lanecast\.yaml:3: streams\.0\.transprot is not a known setting \(did you mean/);
    const refused = await send('DELETE', '/api/streams/two');
    expect(refused).toMatchObject({ status: 409, json: { code: 'config-invalid' } });
    expect(pipeline.streams()).toHaveLength(2);
    kept.expectNoGap();
    kept.close();
  });

  it('end those who watch what is removed, and say why; the grid is laid out anew', async () => {
    await start();
    await live('kept', 'one');
    const single = await MultipartClient.connect(`${server.url}/stream/one`);
    const grid = await MultipartClient.connect(`${server.url}/stream`);
    const [events, all] = [
      await EventsClient.connect(`${server.url}/api/tracks?stream=one`),
      await EventsClient.connect(`${server.url}/api/tracks`),
    ];
    await Promise.all([single.next(), grid.next(), events.next(), all.next()]);
    const [ending, staying] = [new Player(), new Player()];
    await ending.play(`${server.url}/whep/one`);
    await staying.play(`${server.url}/whep/kept`);
    for (const { received } of [ending, staying])
      await until(() => received.rtpTimestamps.size > 10, 'the players have video');
    await send('DELETE', '/api/streams/one');
    const drained = (async () => {
      let pictures = 0;
      try {
        for (;;) {
          await single.next();
          pictures++;
        }
      } catch (error) {
        return { pictures, message: (error as Error).message };
      }
    })();
    // An event of its own kind, which the reader of data does not know.
    await expect(
      (async () => {
        for (;;) await events.next();
      })(),
    ).rejects.toThrow(/event: end\\ndata.*stream-removed/);
    expect(await drained).toMatchObject({ message: 'the connection ended', pictures: expect.any(Number) as number });
    expect((await drained).pictures).toBeGreaterThan(0);
    expect(single.response.complete).toBe(true);
    const goodbye = await askJson(ending.location, { method: 'DELETE' });
    expect(goodbye).toMatchObject({ status: 410, json: { code: 'stream-removed' } });
    const before = staying.received.rtpTimestamps.size;
    await until(() => staying.received.rtpTimestamps.size > before + 10, 'the other player goes on');
    const outputs = (await askJson(`${server.url}/api/stats`)).json['outputs'];
    expect(outputs).toMatchObject({ webrtc: { whepSessions: 1, holdMs: { kept: expect.any(Number) as number } } });
    expect(outputs).not.toHaveProperty('webrtc.holdMs.one');
    await Promise.all([ending.close(), staying.close()]);
    await grid.next();
    for (let i = 0; i < 5; i++) expect((await all.next())['stream']).toBeDefined();
    grid.close();
    all.close();
  });

  it('refuse what cannot be, in clear words, and change nothing', async () => {
    await start();
    const cases: [string, string, unknown, RequestExtras, number, string][] = [
      ['POST', '', { id: 'x' }, {}, 400, 'stream-invalid'],
      ['POST', '', { id: 'x', url: 'rtsp://h/x', transprot: 'udp' }, {}, 400, 'stream-invalid'],
      ['POST', '', { id: 'x', url: 'http://u:hunter2@h' }, {}, 400, 'stream-invalid'],
      ['POST', '', [], {}, 400, 'stream-invalid'],
      ['POST', '', '{', {}, 400, 'request-invalid'],
      ['POST', '', { id: 'kept', url: 'rtsp://h/x' }, {}, 409, 'stream-exists'],
      ['PUT', '/kept', { id: 'x', url: 'rtsp://h/x' }, {}, 400, 'stream-invalid'],
      ['PUT', '/nowhere', { url: 'rtsp://h/x' }, {}, 404, 'stream-unknown'],
      ['PUT', '/kept', { url: 'rtsp://h/x?password=***' }, {}, 400, 'url-redacted'],
      ['DELETE', '/nowhere', undefined, {}, 404, 'stream-unknown'],
      ['POST', '', { id: 'x', url: `rtsp://h/${'x'.repeat(40_000)}` }, {}, 413, 'body-too-large'],
      [
        'POST',
        '',
        { id: 'x', url: 'rtsp://h/x' },
        { headers: { Origin: 'https://evil.example' } },
        403,
        'origin-not-allowed',
      ],
      ['POST', '', 'id=x', { headers: { 'Content-Type': 'text/plain' } }, 415, 'media-type-unsupported'],
      ['DELETE', '/kept', undefined, { headers: { Origin: 'null' } }, 403, 'origin-not-allowed'],
    ];
    for (const [method, path, body, extras, status, code] of cases) {
      const answer = await send(method, `/api/streams${path}`, body, extras);
      expect(answer).toMatchObject({ status, json: { code } });
      expect(answer.headers['content-type']).toContain('application/problem+json');
      expect(answer.body.toString()).not.toContain('hunter2');
    }
    expect(readFileSync(file, 'utf8')).toBe(yaml([camera('kept'), camera('one')]));
    expect(pipeline.streams()).toHaveLength(2);
  });

  it('can be tried before they are saved, with the saved password towards the same host', async () => {
    await start();
    await live('kept');
    const probed = await send('POST', '/api/probe', { id: 'kept', url: rig.server.url('two') });
    expect(probed).toMatchObject({ status: 200, json: { answers: true, video: { codec: 'h264', tooLarge: false } } });
    const { video } = probed.json as { video: { width: number; fps: number } };
    expect(video.width).toBeGreaterThan(0);
    expect(video.fps).toBeGreaterThan(20);
    const nowhere = await send('POST', '/api/probe', { url: 'rtsp://user:hunter2@127.0.0.1:1/x', transport: 'tcp' });
    expect(nowhere).toMatchObject({ status: 200, json: { answers: false, reason: { code: 'rtsp-unreachable' } } });
    expect(nowhere.body.toString()).not.toContain('hunter2');
    for (const [body, code] of [
      [{ url: 'http://h/x' }, 'stream-invalid'],
      [{ id: 'kept', url: 'rtsp://h/x?password=***' }, 'url-redacted'],
    ] as const)
      expect(await send('POST', '/api/probe', body)).toMatchObject({ status: 400, json: { code } });
    const slow = () => send('POST', '/api/probe', { url: rig.server.url('two') });
    const answers = await Promise.all([slow(), slow(), slow()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 429]);
    expect((await send('GET', '/api/config')).json).toMatchObject({ source: { persistent: true } });
    expect(readFileSync(file, 'utf8')).toBe(yaml([camera('kept'), camera('one')]));
  });

  it('need the token in the header where there is one', async () => {
    await start(yaml([camera('kept')], `server: {token: ${TOKEN}}\n`));
    const headers = { Authorization: `Bearer ${TOKEN}` };
    for (const [method, path] of [
      ['POST', ''],
      ['PUT', '/kept'],
      ['DELETE', '/kept'],
    ] as const) {
      expect(
        (await send(method, `/api/streams${path}?token=${TOKEN}`, method === 'DELETE' ? undefined : {})).status,
      ).toBe(401);
    }
    expect((await send('POST', '/api/probe', { url: 'rtsp://h/x' })).status).toBe(401);
    expect((await send('POST', '/api/streams', camera('one'), { headers })).status).toBe(201);
  });

  it('leave nothing behind: eighty come and go', async () => {
    await start(yaml([camera('kept')]));
    await live('kept');
    const handles = (): Record<string, number> => {
      const count: Record<string, number> = {};
      for (const name of process.getActiveResourcesInfo()) count[name] = (count[name] ?? 0) + 1;
      return count;
    };
    const descriptors = (): number => readdirSync('/proc/self/fd').length;
    const round = async (i: number): Promise<void> => {
      await control.edit({ kind: 'add', stream: camera(`extra${i}`, i % 2 === 0 ? 'one' : 'two') });
      // Every tenth until its picture is there, the others are gone in the middle of connecting.
      if (i % 10 === 0) await live(`extra${i}`);
      await control.edit({ kind: 'remove', id: `extra${i}` });
    };
    const kept = follow('kept');
    for (let i = 0; i < 20; i++) await round(i);
    await sleep(1000);
    const [handlesBefore, descriptorsBefore] = [handles(), descriptors()];
    for (let i = 20; i < 100; i++) await round(i);
    await sleep(1500);
    const after = handles();
    for (const [name, count] of Object.entries(after))
      expect.soft(count, name).toBeLessThanOrEqual((handlesBefore[name] ?? 0) + 2);
    expect(descriptors()).toBeLessThanOrEqual(descriptorsBefore + 4);
    await until(
      () => rig.server.paths().every(({ path }) => path === 'kept' || readersOf(path) === 0),
      'no camera is still read',
    );
    kept.expectNoGap();
    kept.close();
  }, 180_000);
});

function readersOf(path: string): number {
  return rig.server.paths().find((p) => p.path === path)?.readers ?? 0;
}
