/** Streams that WebRTC cannot carry, from a real RTSP server, transcoded and taken apart again by a WHEP player. */
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { validateConfig } from '../dist/config/load.js';
import { readFrameCounter } from '../dist/core/frame-counter.js';
import { VideoDecoder } from '../dist/ingest/decode/decoder.js';
import type { PacketMessage } from '../dist/ingest/messages.js';
import { countConsumed } from '../dist/ingest/packet-tap.js';
import { systemClock } from '../dist/ops/clock.js';
import { createMetrics } from '../dist/ops/metrics.js';
import { createHttpServer, type HttpServer } from '../dist/outputs/http/server.js';
import { nalUnitsOf } from '../dist/outputs/webrtc/packetise.js';
import { createTranscoder, TranscodeHost } from '../dist/outputs/webrtc/transcode/transcode-host.js';
import type { LivePipeline } from '../dist/pipeline/live-pipeline.js';
import { ask, askJson } from './outputs-http-client.js';
import { CLIP, Rig, stateOf, until } from './pipeline-rig.js';
import { Player, type PlayerOptions } from './whep-player.js';

let rig: Rig;
let pipeline: LivePipeline;
/** What the server read in each decoded picture, by stream and RTP timestamp. */
const numbers = new Map<string, number>();
beforeAll(async () => {
  rig = await Rig.start();
  await rig.publish('h265', { ...CLIP, codec: 'h265', counter: true });
  await rig.publish('reordered', { ...CLIP, bFrames: 2, counter: true });
  const streams = ['h265', 'reordered'].map((id) => ({ id, url: rig.server.url(id) }));
  pipeline = await rig.pipeline(streams, { debug: { frameNumbers: true } });
  pipeline.onTracks(({ stream, rtpTimestamp, frameNo }) => {
    if (frameNo !== undefined) numbers.set(`${stream} ${rtpTimestamp}`, frameNo);
  });
  await until(() => stateOf(pipeline, 'h265').webrtcFault === 'h265', 'H.265 is noticed');
  await until(() => stateOf(pipeline, 'reordered').webrtcFault === 'b-frames', 'B-frames are noticed');
});
afterAll(() => rig.close());

let server: HttpServer | null = null;
const players: Player[] = [];
afterEach(async () => {
  await Promise.all(players.splice(0).map((player) => player.close()));
  await server?.close();
  server = null;
});

async function start(webrtc: Record<string, unknown> = { maxTranscodes: 2 }): Promise<string> {
  const config = validateConfig({
    streams: [{ id: 'h265', url: rig.server.url('h265') }],
    server: { port: 0 },
    webrtc,
  });
  server = await createHttpServer({ pipeline, config, logger: pino({ level: 'silent' }), createMetrics });
  return server.url;
}

/** Pictures that a player gets, decoded: the number in each by RTP timestamp. */
class Viewer {
  readonly shown = new Map<number, number | null>();
  keyframes = 0;
  refused = 0;
  readonly player: Player;
  readonly #decoder = new VideoDecoder('h264', 1280 * 720);
  #payloads: Uint8Array[] = [];
  #started = false;

  constructor(options: PlayerOptions = {}) {
    this.player = new Player({
      ...options,
      see: (timestamp, marker, payload) => {
        this.#payloads.push(Uint8Array.from(payload));
        if (marker) this.#decode(timestamp, nalUnitsOf(this.#payloads.splice(0)));
      },
    });
    players.push(this.player);
  }

  #decode(timestamp: number, nals: Uint8Array[]): void {
    const isKeyframe = nals.some((nal) => (nal[0]! & 0x1f) === 5);
    if (isKeyframe) this.keyframes++;
    this.#started ||= isKeyframe;
    if (!this.#started) return;
    const unit = Buffer.concat(nals.flatMap((nal) => [Buffer.of(0, 0, 0, 1), nal]));
    const good = this.#decoder.decode(unit, timestamp, isKeyframe, (frame) => {
      const { width, height } = frame;
      const picture = { data: frame.data![0]!, width, height, stride: frame.linesize[0]!, channels: 1 } as const;
      this.shown.set(timestamp, readFrameCounter(picture));
    });
    if (!good) this.refused++;
  }
}

async function api<T>(path: string): Promise<T> {
  return (await askJson(`${server!.url}${path}`)).json as T;
}

interface Transcodes {
  outputs: { webrtc: { transcodes: Record<string, { running: boolean; pictures: number; skipped: number }> } };
  notices: string[];
}

describe.each(['h265', 'reordered'])('a stream that WebRTC cannot carry (%s)', (stream) => {
  it('plays as H.264, each picture under the timestamp of its tracks', async () => {
    const url = await start();
    const viewer = new Viewer();
    await viewer.player.play(`${url}/whep/${stream}`);
    await until(() => viewer.shown.size > 75, 'pictures come', 45_000);
    const { trackTimestamps } = viewer.player.received;
    await until(() => trackTimestamps.size > 30, 'tracks come');
    let compared = 0;
    for (const [timestamp, frameNo] of viewer.shown) {
      const read = numbers.get(`${stream} ${timestamp}`);
      if (read === undefined) continue;
      compared++;
      expect([timestamp, frameNo]).toEqual([timestamp, read]);
    }
    expect(compared).toBeGreaterThan(40);
    expect(viewer.refused).toBe(0);
    const { transcodes } = (await api<Transcodes>('/api/stats')).outputs.webrtc;
    expect(transcodes[stream]!.pictures).toBeGreaterThan(50);
    // Tracks belong to pictures that are shown.
    const tracks = [...trackTimestamps];
    const strays = (): number => tracks.filter((t) => !viewer.player.received.rtpTimestamps.has(t)).length;
    await until(() => strays() <= 6, 'tracks have their pictures');
  });
});

it('is transcoded while somebody watches, and not before or after', async () => {
  const url = await start();
  const running = async (): Promise<boolean> =>
    (await api<Transcodes>('/api/stats')).outputs.webrtc.transcodes['h265']?.running ?? false;
  expect(await running()).toBe(false);
  const viewer = new Viewer();
  await viewer.player.play(`${url}/whep/h265`);
  await until(() => viewer.shown.size > 5, 'pictures come');
  expect(await running()).toBe(true);
  expect((await ask(`${url}/metrics`)).body.toString()).toMatch(/^lanecast_transcode_running\{stream="h265"\} 1$/m);
  await ask(viewer.player.location, { method: 'DELETE' });
  await expect.poll(running, { timeout: 15_000 }).toBe(false);
});

it('says how each stream is carried, and why', async () => {
  const url = await start({ maxTranscodes: 1 });
  const streams = await api<{ id: string; carriage: string; carriageReason: string | null }[]>('/api/streams');
  expect(streams).toMatchObject([
    { id: 'h265', carriage: 'transcoded', carriageReason: expect.stringContaining('Transcoded from H.265') as string },
    { id: 'reordered', carriage: 'mjpeg', carriageReason: expect.stringContaining('webrtc.maxTranscodes') as string },
  ]);
  expect((await api<Transcodes>('/api/stats')).notices.join('\n')).toMatch(/^h265: Transcoded from H\.265/m);
  const refused = await ask(`${url}/whep/reordered`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp' },
    body: await new Viewer().player.offer(),
  });
  expect(refused.status).toBe(409);
});

it('stays motion JPEG where it is not to be transcoded', async () => {
  await start({ transcode: 'never' });
  const streams = await api<{ carriage: string }[]>('/api/streams');
  expect(streams.map(({ carriage }) => carriage)).toEqual(['mjpeg', 'mjpeg']);
});

describe('a transcoder', () => {
  const log = { info: () => undefined, warn: () => undefined };
  const source = { stream: 'h265', width: 640, height: 360, fps: 25 };

  it('makes a keyframe when one is asked for, and ends when it is told to', async () => {
    const host = new TranscodeHost({ pipeline, maxPayloadBytes: 1180, clock: systemClock, log });
    const { port, progress } = host.start(source);
    const units: PacketMessage[] = [];
    port.on('message', (unit: PacketMessage) => {
      countConsumed(progress);
      units.push(unit);
      if (units.length % 15 === 0) port.postMessage({ type: 'keyframe' });
    });
    await until(() => units.length > 60, 'units come');
    const keyframes = units.flatMap(({ isKeyframe }, i) => (isKeyframe ? [i] : []));
    // By themselves they would come every fifty pictures.
    expect(keyframes[0]).toBe(0);
    expect(keyframes.length).toBeGreaterThanOrEqual(4);
    const closed = new Promise((resolve) => port.once('close', resolve));
    host.stop('h265');
    await closed;
    await host.close();
    expect(host.stats()['h265']).toMatchObject({ running: false });
  });

  it('that fails is said to, and left alone for a while', async () => {
    const host = new TranscodeHost({
      pipeline,
      maxPayloadBytes: 1180,
      clock: systemClock,
      log,
      // What the encoder refuses to open.
      createWorker: (data, transfer) => createTranscoder({ ...data, width: 0 }, transfer),
    });
    const { port } = host.start(source);
    const closed = new Promise((resolve) => port.once('close', resolve));
    port.start();
    await until(() => host.failure('h265') !== null, 'the failure is noticed');
    expect(host.failure('h265')).toMatch(/Opening an H\.264 encoder for 0 x 360/);
    expect(host.failure('reordered')).toBeNull();
    await closed;
    await host.close();
  });
});
