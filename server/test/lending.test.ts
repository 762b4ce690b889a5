/** Pages that lend, honest and otherwise, at a real server that reads real streams. */
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RawConfig } from '../dist/config/load.js';
import type { TrackMessage } from '../dist/core/types.js';
import { createMetrics } from '../dist/ops/metrics.js';
import { createHttpServer, type HttpServer } from '../dist/outputs/http/server.js';
import type { LendingStats } from '../dist/pipeline/lending/figures.js';
import type { LivePipeline } from '../dist/pipeline/live-pipeline.js';
import { centreOf, honest, honestRows, type LenderWork, LendingPage } from './lending-page.js';
import { ask, askJson } from './outputs-http-client.js';
import { collectTracks, Rig, stateOf, until } from './pipeline-rig.js';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
  await rig.publish('north');
  await rig.publish('south');
});
afterAll(() => rig.close());

let pipeline: LivePipeline;
let server: HttpServer;
const pages: LendingPage[] = [];

async function start(detector: RawConfig = {}): Promise<void> {
  const streams = ['north', 'south'].map((id) => ({ id, url: rig.server.url(id) }));
  // Patient, since a machine that tests has other work as well.
  const base = { model: rig.modelPath, executionProvider: 'cpu', threads: 1, maxBatch: 1, maxLentLatencyMs: 3000 };
  pipeline = await rig.pipeline(streams, { detector: { ...base, ...detector } });
  server = await createHttpServer({
    pipeline,
    config: {
      server: { host: '127.0.0.1', port: 0, allowedHosts: [] },
      mjpeg: { width: 640, height: 360, maxFps: 12, quality: 60 },
    },
    logger: pino({ level: 'silent' }),
    createMetrics,
  });
  await until(() => pipeline.streams().every(({ state }) => state === 'live'), 'both streams are live');
}

async function leave(): Promise<void> {
  await Promise.all(pages.splice(0).map((page) => page.close()));
}

async function stop(): Promise<void> {
  await leave();
  await server.close();
  await pipeline.close();
}

async function lender(work: LenderWork = honest(), perS = 60, streams = ['north', 'south']): Promise<LendingPage> {
  const page = await LendingPage.open(server.url, streams);
  pages.push(page);
  page.work = work;
  page.lend(perS);
  return page;
}

const by = (id: string): string | null => stateOf(pipeline, id).detectedBy;
const lent = (...ids: string[]): boolean => ids.every((id) => by(id) === 'browser');
const stats = () => pipeline.lending!.stats();

/** The frames of a stream for a while: none may be tracked twice or out of order, whoever detects. */
async function watchOrder(id: string, during: () => Promise<void>): Promise<TrackMessage[]> {
  const messages: TrackMessage[] = [];
  const stop = pipeline.onTracks((message) => {
    if (message.stream === id) messages.push(message);
  });
  await during();
  stop();
  for (let i = 1; i < messages.length; i++) expect(messages[i]!.ptsUs).toBeGreaterThan(messages[i - 1]!.ptsUs);
  return messages;
}

describe('a page that lends', () => {
  afterEach(stop);

  it('detects for everybody: its boxes are tracked on their frames, and say whose they are', async () => {
    await start();
    expect(by('north')).toBe('server');
    const page = await lender();
    const seen = await watchOrder('north', async () => {
      await until(() => lent('north', 'south'), 'both streams are lent');
      await sleep(1000);
    });
    // From the server to the page without a gap.
    for (let i = 1; i < seen.length; i++) expect(seen[i]!.ptsUs - seen[i - 1]!.ptsUs).toBeLessThan(500_000);
    expect(page.leases.map(({ stream }) => stream).sort()).toEqual(['north', 'south']);
    const messages = await collectTracks(pipeline, 'north', 30);
    expect(messages.every(({ detectedBy }) => detectedBy === 'browser')).toBe(true);
    const tracked = messages.filter(({ tracks }) => tracks.length > 0);
    expect(tracked.length).toBeGreaterThan(20);
    for (const { rtpTimestamp, tracks, width } of tracked) {
      expect(tracks).toHaveLength(1);
      const [x, , w] = tracks[0]!.box;
      expect(Math.abs((x + w / 2) / width - centreOf(rtpTimestamp)[0])).toBeLessThan(0.002);
    }
    const { json } = await askJson(`${server.url}/api/stats`);
    expect(json['lending']).toMatchObject({ lenders: 1, ended: { lied: 0, slow: 0 } });
    const { latency } = stats();
    expect(latency.p50Ms).toBeGreaterThan(25);
    expect(latency.p50Ms).toBeLessThan(200);
    const metrics = (await ask(`${server.url}/metrics`)).body.toString();
    expect(metrics).toMatch(/^lanecast_lending_leases\{state="held"\} 2$/m);
    expect(metrics).toMatch(/^lanecast_lending_detections_total\{result="accepted"\} [1-9]\d+$/m);
    expect(metrics).toMatch(/^lanecast_lending_latency_seconds\{quantile="0.95"\} 0\.\d+$/m);
  });

  it('spares the server: nothing is inferred, and nothing decoded that nobody wants to see', async () => {
    await start();
    await lender();
    await until(() => lent('north', 'south'), 'both streams are lent');
    // The clips' groups of pictures are a second or two.
    await sleep(3000);
    const before = pipeline.streams().map(({ counters }) => counters);
    const inferred = pipeline.stats().stages.infer.count;
    await sleep(2000);
    pipeline.streams().forEach(({ counters, state, rates, lastFrameAgeMs }, i) => {
      expect(counters.decoded).toBe(before[i]!.decoded);
      expect(counters.detectedLent).toBeGreaterThan(before[i]!.detectedLent + 20);
      expect(counters.framesReplaced).toBe(before[i]!.framesReplaced);
      expect(state).toBe('live');
      expect(rates.dropRate).toBeLessThan(0.3);
      expect(lastFrameAgeMs).toBeLessThan(1000);
    });
    expect(pipeline.stats().stages.infer.count).toBe(inferred);
    // Somebody wants to see: a picture comes with its tracks, although nothing was decoded.
    const picture = await pipeline.snapshot('north');
    expect(picture.message.detectedBy).toBe('browser');
    expect(picture.width).toBe(640);
    const tile = pipeline.openTile('south', 320, 180);
    await until(() => tile.slots.hasReady(), 'the tile has a picture');
    const { meta, slot } = tile.slots.takeNewest()!;
    expect((JSON.parse(Buffer.from(meta).toString()) as TrackMessage).detectedBy).toBe('browser');
    tile.slots.release(slot);
    tile.close();
  });

  it('gets its own video at once, while the others wait for what it finds', async () => {
    await start();
    const watcher = await LendingPage.open(server.url, ['north']);
    pages.push(watcher);
    const page = await lender(honest(150), 60, ['north']);
    await until(() => lent('north'), 'the stream is lent');
    await until(() => (watcher.holdMs.get('north') ?? 0) > 140, 'the hold has followed', 5000);
    await until(() => page.holdMs.get('north') === 0, 'the page does not wait');
    watcher.arrivals.clear();
    page.arrivals.clear();
    await sleep(1500);
    const both = [...watcher.arrivals].filter(([timestamp]) => page.arrivals.has(timestamp));
    expect(both.length).toBeGreaterThan(15);
    const waits = both.map(([timestamp, atMs]) => atMs - page.arrivals.get(timestamp)!).sort((a, b) => a - b);
    expect(waits[waits.length >> 1]).toBeGreaterThan(100);
    const inTime = both.filter(([timestamp, atMs]) => (watcher.trackArrivals.get(timestamp) ?? Infinity) <= atMs + 5);
    expect(inTime.length / both.length).toBeGreaterThan(0.8);
    // And back: the hold is the server's again soon.
    page.withdraw();
    await until(() => by('north') === 'server', 'the server detects again');
    await until(() => (watcher.holdMs.get('north') ?? 999) < 120, 'the hold has followed again', 8000);
  });

  it('gives back at once what it withdraws, or takes with it', async () => {
    await start();
    const page = await lender();
    await until(() => lent('north', 'south'), 'both streams are lent');
    await sleep(2500);
    const gap = await watchOrder('north', async () => {
      await collectTracks(pipeline, 'north', 3);
      page.withdraw();
      await until(() => by('north') === 'server', 'the server detects again', 1000);
      await collectTracks(pipeline, 'north', 5);
    });
    const back = gap.findIndex(({ detectedBy }) => detectedBy === 'server');
    // Decoding takes up what it left out: no waiting for a keyframe.
    expect((gap[back]!.ptsUs - gap[back - 1]!.ptsUs) / 1000).toBeLessThan(400);
    page.lend(60);
    await until(() => lent('north', 'south'), 'both are lent again');
    await pages.pop()!.close();
    await until(() => by('north') === 'server' && by('south') === 'server', 'the server detects again', 3000);
    expect(stats()).toMatchObject({ lenders: 0, leases: [] });
  });

  it('loses its leases when it stalls, within a second and a half, and its viewers go on', async () => {
    await start();
    const page = await lender();
    await until(() => lent('north', 'south'), 'both streams are lent');
    page.freeze();
    await until(() => by('north') === 'server' && by('south') === 'server', 'the server detects again', 2500);
    expect(stats().ended.stalled).toBeGreaterThanOrEqual(2);
    await collectTracks(pipeline, 'north', 10);
  });

  it('loses its leases when it lags', async () => {
    await start({ maxLentLatencyMs: 1000 });
    const page = await lender();
    await until(() => lent('north'), 'a stream is lent');
    // Later and later, and never silent.
    const since = performance.now();
    page.work = (...given) => honest(30 + (performance.now() - since) / 2)(...given);
    await until(() => by('north') === 'server' && by('south') === 'server', 'the server detects again', 8000);
    expect(stats().ended.slow).toBeGreaterThanOrEqual(1);
  });
});

describe('two pages', () => {
  afterEach(stop);

  it('the better one comes first; the other takes over when it is gone', async () => {
    await start();
    const slow = await lender(honest(), 30);
    const fast = await lender(honest(), 200);
    await until(() => lent('north', 'south'), 'both streams are lent');
    await sleep(500);
    expect(fast.leases.length).toBeGreaterThanOrEqual(1);
    await fast.close();
    await until(() => slow.leases.length === 2 && lent('north', 'south'), 'the other has taken over', 15_000);
    expect(stats().ended.left).toBeGreaterThanOrEqual(1);
  });

  it('none can speak for the other', async () => {
    await start();
    const victim = await lender();
    await until(() => lent('north', 'south'), 'both streams are lent');
    const thief = await lender(() => undefined, 60);
    const [lease] = victim.leases;
    await until(() => thief.reasons.length > 0, 'the thief may send');
    await until(() => {
      thief.sendRows(lease!, 123, honestRows(123));
      return stats().rejected['wrong-lease'] > 0;
    }, 'the theft was seen');
    expect(lent('north', 'south')).toBe(true);
    expect(stats().ended.lied).toBe(0);
    await until(() => thief.reasons.some((reason) => /cannot be right/.test(reason)), 'the thief was told');
  });
});

describe('a page that lies', () => {
  // One server for all of them: none may spoil it for whoever comes next.
  beforeAll(() => start());
  afterEach(leave);
  afterAll(stop);

  it.each<[string, keyof LendingStats['rejected'], LenderWork]>([
    ['sends garbage', 'malformed', (page) => page.send(Uint8Array.from({ length: 90 }, (_, i) => (i * 73) & 255))],
    ['sends all ones', 'malformed', (page) => page.send(new Uint8Array(240).fill(255))],
    [
      'names another stream',
      'wrong-stream',
      (page, lease, at) => page.sendRows(lease, at, honestRows(at), { streamIndex: 77 }),
    ],
    [
      'names a lease that never was',
      'wrong-lease',
      (page, lease, at) => page.sendRows({ ...lease, lease: (lease.lease ^ 0x5555) >>> 0 }, at, honestRows(at)),
    ],
    ['invents frames', 'unknown-frame', (page, lease, at) => page.sendRows(lease, at - 7, honestRows(at))],
    [
      'comes with frames of yesterday',
      'unknown-frame',
      (page, lease, at) => page.sendRows(lease, (at + 2 ** 31) >>> 0, honestRows(at)),
    ],
    [
      'finds far too much',
      'too-many-rows',
      (page, lease, at) => page.sendRows(lease, at, new Float32Array(6 * 900).fill(0.5)),
    ],
    [
      'finds what lies outside of the picture',
      'out-of-range',
      (page, lease, at) => page.sendRows(lease, at, Float32Array.of(1.9, 0.5, 0.1, 0.1, 0.9, 0)),
    ],
    [
      'finds things of classes that are none',
      'unknown-class',
      (page, lease, at) => page.sendRows(lease, at, Float32Array.of(0.5, 0.5, 0.1, 0.1, 0.9, 200)),
    ],
    [
      'repeats itself',
      'repeated',
      (page, lease, at) => {
        page.sendRows(lease, at, honestRows(at));
        page.sendRows(lease, at, honestRows(at));
      },
    ],
    [
      'floods',
      'flood',
      (page, lease, at) => {
        for (let i = 0; i < 200; i++) page.sendRows(lease, at, honestRows(at));
      },
    ],
  ])('and %s (%s) is believed nothing', async (_, reason, lie) => {
    const before = stats();
    const page = await lender();
    await until(() => lent('north', 'south'), 'both streams are lent');
    page.work = lie;
    await until(() => by('north') === 'server' && by('south') === 'server', 'the server detects again', 3000);
    const { rejected, ended } = stats();
    const more = (why: keyof typeof rejected): number => rejected[why] - before.rejected[why];
    // A flood of one frame is a repetition before it is a flood.
    expect(reason === 'flood' ? more('flood') + more('repeated') : more(reason)).toBeGreaterThan(0);
    expect(ended.lied).toBeGreaterThan(before.ended.lied);
    await until(() => page.reasons.some((text) => /cannot be right/.test(text)), 'the page was told');
  });

  it('is not asked again, even if it means well now; another is', async () => {
    const page = await lender((liar, lease, at) => liar.sendRows(lease, at - 7, honestRows(at)));
    await until(() => page.reasons.some((text) => /cannot be right/.test(text)), 'the page was told');
    await until(() => by('north') === 'server' && by('south') === 'server', 'the server detects again', 3000);
    page.work = honest();
    page.lend(60);
    await sleep(1500);
    expect(page.leases).toEqual([]);
    // The others are served as ever.
    await collectTracks(pipeline, 'north', 5);
    await lender();
    await until(() => lent('north', 'south'), 'an honest page is believed', 20_000);
  });
});

describe('modes', () => {
  afterEach(stop);

  it('server: no page may lend, and is told why', async () => {
    await start({ mode: 'server' });
    const page = await lender();
    await until(() => page.reasons.length > 0, 'the page is told');
    expect(page.reasons[0]).toMatch(/--detector auto or browser/);
    expect(pipeline.lending).toBeNull();
  });

  it('browser: nothing is detected until a page lends; then at once', async () => {
    await start({ mode: 'browser' });
    expect(by('north')).toBeNull();
    expect(pipeline.stats().detector).toMatchObject({ executionProvider: 'browser', classes: ['car'] });
    expect(pipeline.stats().notices.join()).toMatch(/nobody detects/);
    const [before] = await collectTracks(pipeline, 'north', 1);
    expect(before).not.toHaveProperty('detectedBy');
    const takenBack = rig.lines.filter((line) => line.includes('taken back'));
    const page = await lender();
    await until(() => lent('north', 'south'), 'both streams are lent', 3000);
    const messages = await collectTracks(pipeline, 'north', 30);
    expect(rig.lines.filter((line) => line.includes('taken back'))).toEqual(takenBack);
    expect(messages.at(-1)).toMatchObject({ detectedBy: 'browser', tracks: [{ class: 'car' }] });
    expect(pipeline.stats().notices.join()).not.toMatch(/nobody detects/);
    page.withdraw();
    await until(() => by('north') === null, 'nobody detects again');
    await collectTracks(pipeline, 'north', 5);
  });
});
