import type { Worker } from 'node:worker_threads';
import { Worker as Thread } from 'node:worker_threads';

import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';

import type { Config } from '../dist/config/schema.js';
import { createMetrics } from '../dist/ops/metrics.js';
import type { HttpServer, HttpServerOptions } from '../dist/outputs/http/server.js';
import { createHttpServer } from '../dist/outputs/http/server.js';
import type { Canvas } from '../dist/outputs/mjpeg/canvas.js';
import type { Colour } from '../dist/outputs/mjpeg/colour.js';
import { fromRgb, THEME, trackColour } from '../dist/outputs/mjpeg/colour.js';
import { gridLayout } from '../dist/outputs/mjpeg/layout.js';
import type { FakeStream } from './outputs-fake-pipeline.js';
import { FakePipeline } from './outputs-fake-pipeline.js';
import {
  ask,
  askAndNeverRead,
  askJson,
  decodeJpeg,
  eventually,
  MultipartClient,
  open as openRequest,
} from './outputs-http-client.js';

const SERVER: Config['server'] = { host: '127.0.0.1', port: 0, allowedHosts: [] };
const MJPEG: Config['mjpeg'] = { width: 1280, height: 720, maxFps: 12, quality: 90 };
const GREY = 0x707070;
const FOUR: FakeStream[] = [
  { id: 'north', rgb: 0x304878 },
  { id: 'east', rgb: 0x307838 },
  { id: 'south', rgb: 0x783830 },
  { id: 'west', rgb: GREY },
];

/** Every fake stream is 1280 x 720 unless it says otherwise. */
const gridOf = (streams: FakeStream[]) =>
  gridLayout(
    streams.map(() => ({ width: 1280, height: 720 })),
    1280,
    720,
  );

const open: { pipeline: FakePipeline; server: HttpServer }[] = [];

async function start(streams: FakeStream[], more: Partial<HttpServerOptions> = {}) {
  const pipeline = new FakePipeline(streams);
  const logger = pino({ level: 'silent' });
  const config = { server: SERVER, mjpeg: MJPEG };
  const server = await createHttpServer({ pipeline, config, logger, createMetrics, ...more });
  open.push({ pipeline, server });
  return { pipeline, server };
}

afterEach(async () => {
  for (const { pipeline, server } of open.splice(0)) {
    await server.close();
    pipeline.close();
  }
});

const distance = (a: Colour, b: Colour): number =>
  Math.max(Math.abs(a.y - b.y), Math.abs(a.u - b.u), Math.abs(a.v - b.v));

function expectColour(picture: Canvas, x: number, y: number, colour: Colour, tolerance = 14): void {
  const seen = picture.pixel(x, y);
  expect(distance(seen, colour), `${JSON.stringify(seen)} at ${x},${y} for ${JSON.stringify(colour)}`).toBeLessThan(
    tolerance,
  );
}

/** The next picture in which every tile has its own. */
async function completePicture(client: MultipartClient, streams: FakeStream[]): Promise<Canvas> {
  const { tiles } = gridOf(streams);
  for (let tries = 0; tries < 30; tries++) {
    const picture = decodeJpeg(await client.next());
    const complete = tiles.every(({ picture: { x, y, width, height } }, index) => {
      const seen = picture.pixel(x + Math.round(width * 0.1), y + Math.round(height * 0.9));
      return distance(seen, fromRgb(streams[index]!.rgb)) < 14;
    });
    if (complete) return picture;
  }
  throw new Error('no complete picture came');
}

describe('the grid', () => {
  it('shows each stream in its tile, with its boxes where they belong', async () => {
    const { server } = await start(FOUR);
    const client = await MultipartClient.connect(`${server.url}/stream`);
    expect(client.response.headers['cross-origin-resource-policy']).toBe('cross-origin');
    expect(client.response.headers['x-content-type-options']).toBe('nosniff');
    const picture = await completePicture(client, FOUR);
    expect([picture.width, picture.height]).toEqual([1280, 720]);
    const { tiles } = gridOf(FOUR);
    for (const { picture: tile } of tiles) {
      // The vehicle's box is [320, 180, 320, 180] of 1280 x 720: its left edge a quarter into the tile.
      const left = tile.x + 2 * Math.round(tile.width / 8);
      expectColour(picture, left + 1, tile.y + Math.round(tile.height * 0.4), trackColour(3), 40);
      const right = tile.x + 2 * Math.round(tile.width / 4) - 1;
      expectColour(picture, right, tile.y + Math.round(tile.height * 0.4), trackColour(3), 40);
    }
    client.close();
  });

  it('opens tiles only while somebody watches', async () => {
    const { pipeline, server } = await start(FOUR);
    expect(pipeline.openTiles).toBe(0);
    const first = await MultipartClient.connect(`${server.url}/stream`);
    const second = await MultipartClient.connect(`${server.url}/stream`);
    await Promise.all([first.next(), second.next()]);
    expect(pipeline.openTiles).toBe(4);
    first.close();
    second.close();
    await eventually(() => pipeline.openTiles === 0);
  });

  it('is laid out anew when streams come and go; a view of one that is gone ends with a picture that says so', async () => {
    const two = FOUR.slice(0, 2);
    const { pipeline, server } = await start(two);
    const grid = await MultipartClient.connect(`${server.url}/stream`);
    await completePicture(grid, two);
    for (const stream of FOUR.slice(2)) pipeline.add(stream);
    await completePicture(grid, FOUR);
    const single = await MultipartClient.connect(`${server.url}/stream/north`);
    let last = decodeJpeg(await single.next());
    pipeline.remove('north');
    await completePicture(grid, FOUR.slice(1));
    const begun = Date.now();
    for (;;) {
      const next = await single.next().catch(() => null);
      if (next === null) break;
      last = decodeJpeg(next);
    }
    expect(Date.now() - begun).toBeLessThan(4000);
    // An ordered end, after the notice: where the stream's colour was is the panel.
    expect(single.response.complete).toBe(true);
    expect(last.pixel(100, 600).y).toBeLessThan(60);
    expect((await ask(`${server.url}/stream/north`)).status).toBe(404);
    expect((await ask(`${server.url}/snapshot/north.jpg`)).status).toBe(404);
    grid.close();
    await eventually(() => pipeline.openTiles === 0);
  });

  it('says NO SIGNAL over a dead camera and recovers', async () => {
    const { pipeline, server } = await start(FOUR);
    const client = await MultipartClient.connect(`${server.url}/stream`);
    await completePicture(client, FOUR);
    pipeline.setState('west', 'backoff', { code: 'connection-refused', message: 'Nothing listens on port 554' });
    const { cell } = gridOf(FOUR).tiles[3]!;
    const corner = { x: cell.x + Math.round(cell.width * 0.1), y: cell.y + Math.round(cell.height * 0.9) };
    let picture = decodeJpeg(await client.next());
    for (let tries = 0; tries < 30 && picture.pixel(corner.x, corner.y).y > 60; tries++)
      picture = decodeJpeg(await client.next());
    expect(picture.pixel(corner.x, corner.y).y).toBeLessThan(60);
    // The title is the only thing as red as this in the tile's middle.
    let red = 0;
    for (let y = cell.y + 60; y < cell.y + cell.height - 60; y += 2)
      for (let x = cell.x; x < cell.x + cell.width; x += 2) if (picture.pixel(x, y).v > THEME.lost.v - 30) red++;
    expect(red).toBeGreaterThan(20);
    pipeline.setState('west', 'live');
    await completePicture(client, FOUR);
    client.close();
  });
});

it('sends a browser the head of the next part right behind each picture', async () => {
  const { server } = await start([{ id: 'dead', rgb: 0, state: 'connecting' }]);
  const response = await openRequest(`${server.url}/stream`, { headers: { Accept: 'image/avif,image/*,*/*;q=0.8' } });
  // The picture of a dead camera comes once a second: what is here by then came with the first one.
  let text = '';
  response.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  await eventually(() => text.includes('\xff\xd9'));
  await eventually(() => text.endsWith('\xff\xd9\r\n--lanecast\r\nContent-Type: image/jpeg\r\n\r\n'), 500);
  expect(text.startsWith('--lanecast\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8')).toBe(true);
  response.destroy();
});

describe('one stream', () => {
  it('has the source aspect ratio and is at most 1280 wide', async () => {
    const { server } = await start([{ id: 'tall', rgb: GREY, width: 1920, height: 1440, tracks: [] }]);
    const client = await MultipartClient.connect(`${server.url}/stream/tall`);
    const picture = decodeJpeg(await client.next());
    expect([picture.width, picture.height]).toEqual([1280, 960]);
    client.close();
  });

  it('answers HEAD with the head alone, and opens nothing', async () => {
    const { pipeline, server } = await start(FOUR);
    const answer = await ask(`${server.url}/stream/north`, { method: 'HEAD' });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^multipart\/x-mixed-replace; boundary=/);
    expect(answer.body).toHaveLength(0);
    expect(pipeline.openTiles).toBe(0);
  });
});

describe('pictures on pages of other sites', () => {
  it.each(['/stream', '/stream/only', '/snapshot.jpg', '/snapshot/only.jpg'])('%s may be shown there', async (path) => {
    const { server } = await start([{ id: 'only', rgb: GREY }]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const method = path.startsWith('/stream') ? 'HEAD' : 'GET';
    const { status, headers } = await ask(server.url + path, { method });
    expect([status, headers['cross-origin-resource-policy']]).toEqual([200, 'cross-origin']);
  });
});

describe('snapshots', () => {
  it('composes the grid although nobody watches, once for all who ask', async () => {
    const { pipeline, server } = await start(FOUR);
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(`${server.url}/snapshot.jpg`)));
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toBe('image/jpeg');
      expect(answer.body.equals(answers[0]!.body)).toBe(true);
    }
    const picture = decodeJpeg(answers[0]!.body);
    gridOf(FOUR).tiles.forEach(({ picture: { x, y, width, height } }, index) => {
      expectColour(picture, x + Math.round(width * 0.1), y + Math.round(height * 0.9), fromRgb(FOUR[index]!.rgb));
    });
    await eventually(() => pipeline.openTiles === 0);
  });

  it('draws a stream at source resolution with its boxes', async () => {
    const { server } = await start([{ id: 'big', rgb: GREY, width: 1920, height: 1080 }]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const answer = await ask(`${server.url}/snapshot/big.jpg`);
    expect(answer.status).toBe(200);
    const picture = decodeJpeg(answer.body);
    expect([picture.width, picture.height]).toEqual([1920, 1080]);
    expectColour(picture, 321, 270, trackColour(3), 40);
    expectColour(picture, 1000, 800, fromRgb(GREY));
  });

  it('says that there is no picture yet', async () => {
    const { server } = await start([{ id: 'dead', rgb: 0, state: 'connecting' }]);
    const { status, headers, json } = await askJson(`${server.url}/snapshot/dead.jpg`);
    expect(status).toBe(503);
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(headers['retry-after']).toBe('1');
    expect(json).toMatchObject({ status: 503, code: 'no-picture' });
  });
});

describe('many and slow clients', () => {
  it('serves the newest pictures to everybody while one never reads, in flat memory', async () => {
    // Large pictures at a high rate fill the socket of the client that does not read.
    const { server } = await start(FOUR, { config: { server: SERVER, mjpeg: { ...MJPEG, maxFps: 60, quality: 100 } } });
    const stuck = await askAndNeverRead(server.url, '/stream');
    const client = await MultipartClient.connect(`${server.url}/stream`);
    const replaced = async (): Promise<number> => {
      const { json } = await askJson(`${server.url}/api/stats`);
      return (json as { outputs: { mjpeg: { jpegsReplaced: number } } }).outputs.mjpeg.jpegsReplaced;
    };
    const end = Date.now() + 20_000;
    while ((await replaced()) < 20) {
      if (Date.now() > end) throw new Error('the slow client never fell behind');
      for (let i = 0; i < 10; i++) await client.next();
    }
    const externalBefore = process.memoryUsage().arrayBuffers;
    const startedAt = Date.now();
    for (let i = 0; i < 60; i++) await client.next();
    expect(Date.now() - startedAt).toBeLessThan(15_000);
    expect(process.memoryUsage().arrayBuffers - externalBefore).toBeLessThan(40e6);
    stuck.close();
    client.close();
  });

  it('serves 64 clients and refuses the 65th', async () => {
    const { pipeline, server } = await start(FOUR);
    const clients = await Promise.all(
      Array.from({ length: 64 }, () => MultipartClient.connect(`${server.url}/stream`)),
    );
    const jpegs = await Promise.all(clients.map((client) => client.next()));
    for (const jpeg of jpegs) expect(jpeg.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
    expect(pipeline.openTiles).toBe(4);
    const refused = await askJson(`${server.url}/stream`);
    expect(refused.status).toBe(503);
    expect(refused.json).toMatchObject({ code: 'too-many-viewers' });
    expect(refused.headers['retry-after']).toBe('1');
    for (const client of clients) client.close();
    await eventually(() => pipeline.openTiles === 0);
    const again = await MultipartClient.connect(`${server.url}/stream`);
    await again.next();
    again.close();
  });

  it('ends its streams at once when it is closed', async () => {
    const { server } = await start(FOUR);
    const client = await MultipartClient.connect(`${server.url}/stream`);
    await client.next();
    const stuck = await askAndNeverRead(server.url, '/api/tracks');
    const startedAt = Date.now();
    await server.close();
    await server.close();
    expect(Date.now() - startedAt).toBeLessThan(1000);
    await expect(
      (async () => {
        for (;;) await client.next();
      })(),
    ).rejects.toThrow();
    stuck.close();
  });
});

it('starts a dead compositor again and goes on with the same clients', async () => {
  const workers: Worker[] = [];
  const lines: string[] = [];
  const { server } = await start(FOUR, {
    logger: pino({ level: 'info' }, { write: (line: string) => lines.push(line) }),
    createWorker: (options) => {
      const worker = new Thread(new URL('../dist/outputs/mjpeg/worker.js', import.meta.url), { workerData: options });
      workers.push(worker);
      return worker;
    },
  });
  const client = await MultipartClient.connect(`${server.url}/stream`);
  await completePicture(client, FOUR);
  // It dies of an exception: terminate() might hit it inside a call into FFmpeg, which would end this process.
  workers[0]!.postMessage(null);
  await eventually(() => workers.length === 2);
  await completePicture(client, FOUR);
  const { json } = await askJson(`${server.url}/api/stats`);
  expect(json).toMatchObject({ outputs: { mjpeg: { compositorRestarts: 1 } } });
  expect(lines.join('')).toContain('the MJPEG compositor died');
  client.close();
});
