/** Calibration over HTTP, on a real pipeline that reads a real stream. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TrackMessage } from '../dist/core/types.js';
import { createMetrics } from '../dist/ops/metrics.js';
import { createHttpServer, type HttpServer } from '../dist/outputs/http/server.js';
import type { LivePipeline } from '../dist/pipeline/live-pipeline.js';
import { type Answer, ask, type RequestExtras } from './outputs-http-client.js';
import { Rig, stateOf, until } from './pipeline-rig.js';

const TOKEN = 'correct-horse-battery';
/** 0.1 m a pixel from x = 0 to 640 and y = 0 to 360, as four points of a picture of half the size. */
const TENTH_OF_A_METRE = {
  points: [
    { image: [0, 0], ground: [0, 0] },
    { image: [320, 0], ground: [64, 0] },
    { image: [320, 180], ground: [64, 36] },
    { image: [0, 180], ground: [0, 36] },
  ],
  imageSize: [320, 180],
};

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
  await rig.publish('road');
});
afterAll(() => rig.close());

let state: string;
let pipeline: LivePipeline;
let server: HttpServer;
async function start(more: { token?: string; scaleMPerPx?: number } = {}): Promise<void> {
  const { token, ...stream } = more;
  pipeline = await rig.pipeline([{ id: 'road', url: rig.server.url('road'), ...stream }], {
    state: { directory: state },
  });
  server = await createHttpServer({
    pipeline,
    config: {
      server: { host: '127.0.0.1', port: 0, allowedHosts: ['gate.example'], ...(token !== undefined && { token }) },
      mjpeg: { width: 640, height: 360, maxFps: 12, quality: 60 },
    },
    logger: pino({ level: 'silent' }),
    createMetrics,
  });
}
async function stop(): Promise<void> {
  await server.close();
  await pipeline.close();
}
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'lanecast-calibration-'));
});
afterEach(async () => {
  await stop();
  rmSync(state, { recursive: true, force: true });
});

const path = (id = 'road'): string => `${server.url}/api/streams/${id}/calibration`;
const put = (body: unknown, { headers, ...more }: RequestExtras & { id?: string } = {}): Promise<Answer> =>
  ask(path(more.id), {
    method: 'PUT',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', ...headers },
  });
const read = async (): Promise<unknown> => JSON.parse((await ask(path())).body.toString());
const problem = ({ status, headers, body }: Answer): unknown => ({
  status,
  contentType: headers['content-type'],
  ...(JSON.parse(body.toString()) as object),
});

/** The speeds that are published from now on, of the cars of 100 and 150 px/s where they are wholly inside. */
async function medianSpeeds(): Promise<[slow: number, fast: number]> {
  const speeds: [number[], number[]] = [[], []];
  const stopListening = pipeline.onTracks(({ tracks }: TrackMessage) => {
    for (const { box, speedKmh } of tracks) {
      if (speedKmh !== null && box[0] > 110 && box[0] + box[2] < 530) speeds[box[1] > 150 ? 1 : 0].push(speedKmh);
    }
  });
  await until(() => speeds.every((lane) => lane.length >= 15), 'both lanes have speeds', 30_000);
  stopListening();
  return speeds.map((lane) => lane.sort((a, b) => a - b)[lane.length >> 1]!) as [number, number];
}

describe('PUT /api/streams/:id/calibration', () => {
  it('changes the speeds of the running stream, is kept for the next start, and can be taken back', async () => {
    await start();
    expect(await read()).toEqual({ scaleMPerPx: 0.05 });
    expect(stateOf(pipeline, 'road').calibrated).toBe('none');
    const before = await medianSpeeds();
    expect(before[0]).toBeCloseTo(18, 0);
    expect(before[1]).toBeCloseTo(27, 0);

    const answer = await put(TENTH_OF_A_METRE);
    expect(problem(answer)).toMatchObject({ status: 200, stream: 'road', calibrated: 'homography', persisted: true });
    expect(await read()).toEqual(TENTH_OF_A_METRE);
    expect(stateOf(pipeline, 'road').calibrated).toBe('homography');
    const after = await medianSpeeds();
    expect(after[0] / before[0]).toBeCloseTo(2, 1);
    expect(after[1] / before[1]).toBeCloseTo(2, 1);

    // What was saved wins over the configuration.
    await stop();
    await start({ scaleMPerPx: 0.2 });
    expect(await read()).toEqual(TENTH_OF_A_METRE);
    expect(stateOf(pipeline, 'road').calibrated).toBe('homography');

    const taken = await ask(path(), { method: 'DELETE' });
    expect(problem(taken)).toMatchObject({ status: 200, calibrated: 'scale', persisted: true });
    expect(await read()).toEqual({ scaleMPerPx: 0.2 });
    await stop();
    await start();
    expect(await read()).toEqual({ scaleMPerPx: 0.05 });
  });

  it.each<[string, unknown, RequestExtras & { id?: string }, number, string]>([
    ['a stream that there is not', { scaleMPerPx: 1 }, { id: 'nowhere' }, 404, 'stream-unknown'],
    ['no JSON', '{"scaleMPerPx":', {}, 400, 'request-invalid'],
    ['nothing', '', {}, 400, 'request-invalid'],
    ['another shape', { scale: 1 }, {}, 400, 'calibration-invalid'],
    ['a prototype', '{"__proto__":{"scaleMPerPx":1}}', {}, 400, 'request-invalid'],
    [
      'points on one line',
      { points: TENTH_OF_A_METRE.points.map((p, i) => ({ ...p, image: [i, i] })) },
      {},
      422,
      'calibration-degenerate',
    ],
    [
      'a form of another site',
      '{"scaleMPerPx":1}',
      { headers: { 'Content-Type': 'text/plain' } },
      415,
      'media-type-unsupported',
    ],
    [
      'a page of another site',
      { scaleMPerPx: 1 },
      { headers: { Origin: 'https://evil.example' } },
      403,
      'origin-not-allowed',
    ],
    ['another server', { scaleMPerPx: 1 }, { headers: { Host: 'evil.example' } }, 403, 'host-not-allowed'],
    ['a novel', JSON.stringify({ scaleMPerPx: 1, more: 'x'.repeat(20_000) }), {}, 413, 'body-too-large'],
  ])('refuses %s and changes nothing', async (_, body, extras, status, code) => {
    await start();
    expect(problem(await put(body, extras))).toMatchObject({
      status,
      code,
      contentType: 'application/problem+json; charset=utf-8',
    });
    expect(await read()).toEqual({ scaleMPerPx: 0.05 });
    expect(() => readFileSync(join(state, 'calibration.json'))).toThrow('ENOENT');
  });

  it('lets the own page, and one under an allowed name, do it', async () => {
    await start();
    for (const Origin of [server.url, 'https://gate.example']) {
      expect((await put({ scaleMPerPx: 0.1 }, { headers: { Origin } })).status).toBe(200);
    }
  });

  it('needs the token where there is one, in the header', async () => {
    await start({ token: TOKEN });
    expect((await put({ scaleMPerPx: 0.1 })).status).toBe(401);
    expect((await ask(`${path()}?token=${TOKEN}`, { method: 'DELETE' })).status).toBe(401);
    expect((await ask(`${path()}?token=${TOKEN}`)).status).toBe(401);
    const headers = { Authorization: `Bearer ${TOKEN}` };
    expect((await put({ scaleMPerPx: 0.1 }, { headers })).status).toBe(200);
  });

  it('says when it cannot be kept, and leaves the running stream as it was', async () => {
    await start();
    await put({ scaleMPerPx: 0.1 });
    mkdirSync(join(state, `calibration.json.${process.pid}.tmp`));
    expect(problem(await put({ scaleMPerPx: 0.3 }))).toMatchObject({
      status: 507,
      code: 'calibration-not-saved',
      detail: expect.stringContaining('was not changed') as string,
    });
    expect(await read()).toEqual({ scaleMPerPx: 0.1 });
    expect(JSON.parse(readFileSync(join(state, 'calibration.json'), 'utf8'))).toEqual({
      version: 1,
      streams: { road: { scaleMPerPx: 0.1 } },
    });
  });

  it('starts with a damaged file, says so, and keeps it', async () => {
    writeFileSync(join(state, 'calibration.json'), '{"version":1,"str');
    await start({ scaleMPerPx: 0.07 });
    expect(await read()).toEqual({ scaleMPerPx: 0.07 });
    expect(pipeline.stats().notices).toContainEqual(expect.stringMatching(/calibration\.json are damaged/));
    expect(readFileSync(join(state, 'calibration.json.damaged'), 'utf8')).toBe('{"version":1,"str');
  });
});
