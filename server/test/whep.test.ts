/** WHEP with a player of its own (werift), on a real server that reads a real stream. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RTCRtpCodecParameters } from 'werift';
import { WebSocket } from 'ws';
import { createMetrics } from '../dist/ops/metrics.js';
import { createHttpServer, type HttpServer } from '../dist/outputs/http/server.js';
import type { LivePipeline } from '../dist/pipeline/live-pipeline.js';
import { ask, askJson, type RequestExtras } from './outputs-http-client.js';
import { Rig, stateOf, until } from './pipeline-rig.js';
import { Player, type PlayerOptions, post, SDP } from './whep-player.js';

const TOKEN = 'correct-horse-battery';
const AUTHORIZED = { Authorization: `Bearer ${TOKEN}` };
const FRAGMENT = { 'Content-Type': 'application/trickle-ice-sdpfrag' };
const PLAYER_PAGE = 'https://player.example';

let rig: Rig;
let pipeline: LivePipeline;
beforeAll(async () => {
  rig = await Rig.start();
  await rig.publish('road');
  pipeline = await rig.pipeline([{ id: 'road', url: rig.server.url('road') }]);
  await until(() => stateOf(pipeline, 'road').state === 'live', 'the stream is live');
});
afterAll(() => rig.close());

let server: HttpServer | null = null;
const players: Player[] = [];

async function start(
  token: string | null = null,
  maxViewers = 8,
  source: Pick<LivePipeline, 'streams'> = pipeline,
  webrtc: { bindAddress?: string; udpPorts?: [number, number] } = {},
) {
  const view = new Proxy(pipeline, {
    get: (target, key) => {
      const value: unknown = Reflect.get(key === 'streams' ? source : target, key);
      return typeof value === 'function' ? (value.bind(key === 'streams' ? source : target) as unknown) : value;
    },
  });
  server = await createHttpServer({
    pipeline: view,
    config: {
      server: { host: '127.0.0.1', port: 0, allowedHosts: ['gate.example'], ...(token !== null && { token }) },
      mjpeg: { width: 640, height: 360, maxFps: 12, quality: 60 },
      webrtc: {
        enabled: true,
        maxPayloadBytes: 1180,
        debugLossPercent: 0,
        maxHoldMs: 400,
        maxViewers,
        refuseWhenBusy: true,
        transcode: 'never',
        ...webrtc,
      },
    },
    logger: pino({ level: 'silent' }),
    createMetrics,
  });
  return `${server.url}/whep/road`;
}

afterEach(async () => {
  await Promise.all(players.splice(0).map((player) => player.close()));
  await server?.close();
  server = null;
});

function player(options?: PlayerOptions): Player {
  const made = new Player(options);
  players.push(made);
  return made;
}

async function freeUdpPort(address: string): Promise<number> {
  const socket = createSocket('udp4').bind(0, address);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

async function webrtcStats(headers: Record<string, string> = {}): Promise<Record<string, number>> {
  const { json } = await askJson(`${server!.url}/api/stats`, { headers });
  return (json['outputs'] as { webrtc: Record<string, number> }).webrtc;
}

async function eventuallyStats(wanted: Record<string, number>, timeoutMs = 5000): Promise<void> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const stats = await webrtcStats();
    if (Object.entries(wanted).every(([key, value]) => stats[key] === value)) return;
    if (Date.now() > end) expect(stats).toMatchObject(wanted);
    await sleep(100);
  }
}

describe('a WHEP player', () => {
  it('gets the video and, on a channel that it opens, the tracks of the very same timestamps', async () => {
    const url = await start();
    const published = new Set<number>();
    const stop = pipeline.onTracks(({ rtpTimestamp }) => published.add(rtpTimestamp));
    const viewer = player();
    await viewer.play(url);
    expect(viewer.answer).toMatch(/^a=candidate:.* 127\.0\.0\.1 \d+ typ host/m);
    const { received } = viewer;
    await until(() => received.trackTimestamps.size > 30 && received.rtpTimestamps.size > 60, 'video and tracks flow');
    stop();
    for (const timestamp of received.trackTimestamps) expect(published).toContain(timestamp);
    // Video that waits comes after its tracks. The first tracks may be of frames before the keyframe that this player
    // began with.
    const tracks = [...received.trackTimestamps];
    const strays = () => tracks.filter((timestamp) => !received.rtpTimestamps.has(timestamp)).length;
    await until(() => strays() <= 3, 'tracks have their frames');
    expect(received.payloadBytes).toBeGreaterThan(10_000);
    await eventuallyStats({ whepViewers: 1, whepSessions: 1, viewers: 0, peers: 1 });
    // The media worker tells its totals twice a second.
    await sleep(1000);
    const stats = await webrtcStats();
    expect(stats['packetsSent']).toBeGreaterThan(60);
    expect(stats['tracksSent']).toBeGreaterThan(20);
    const metrics = (await ask(`${server!.url}/metrics`)).body.toString();
    expect(metrics).toMatch(/^lanecast_webrtc_viewers\{kind="whep"\} 1$/m);
    expect(metrics).toMatch(/^lanecast_webrtc_hold_seconds\{stream="road"\} 0\.\d+$/m);
  });

  // All of 127/8 is this machine on Linux alone.
  it.skipIf(process.platform !== 'linux')(
    'gets its media from the address and the ports that are configured',
    async () => {
      const first = Math.min(await freeUdpPort('127.0.0.2'), 65_526);
      const ports: [number, number] = [first, first + 9];
      const url = await start(null, 8, pipeline, { bindAddress: '127.0.0.2', udpPorts: ports });
      const viewer = player();
      await viewer.play(url);
      await until(() => viewer.received.rtpTimestamps.size > 10, 'video flows');
      const candidates = [...viewer.answer.matchAll(/^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host/gim)];
      // Each line tells it: they share one transport (BUNDLE).
      expect(new Set(candidates.map(([, address, port]) => `${address} ${port}`)).size).toBe(1);
      expect(candidates[0]![1]).toBe('127.0.0.2');
      const port = Number(candidates[0]![2]);
      expect(port).toBeGreaterThanOrEqual(ports[0]);
      expect(port).toBeLessThanOrEqual(ports[1]);
    },
  );

  it('may want no tracks, and offer audio that is never sent; nothing counts as dropped then', async () => {
    const url = await start();
    const viewer = player({ tracks: false, audio: true });
    await viewer.play(url);
    await until(() => viewer.received.rtpTimestamps.size > 30, 'video flows');
    await sleep(600);
    expect(await webrtcStats()).toMatchObject({ tracksSent: 0, tracksDropped: 0 });
    expect(viewer.answer).toMatch(/^m=audio[^]*?^a=inactive/m);
  });

  it('says that it lost pictures, and gets a keyframe', async () => {
    const url = await start();
    const SPS = 7;
    const STAP_A = 24;
    let keyframes = 0;
    const viewer = player({
      see: (_timestamp, _marker, payload) => {
        const type = payload[0]! & 0x1f;
        if (type === SPS || (type === STAP_A && (payload[3]! & 0x1f) === SPS)) keyframes++;
      },
    });
    await viewer.play(url);
    await until(() => viewer.received.rtpTimestamps.size > 10, 'video flows');
    const { receiver } = viewer.connection.getTransceivers()[0]!;
    const ssrc = receiver.tracks[0]!.ssrc!;
    await sleep(750);
    const before = keyframes;
    await receiver.sendRtcpPLI(ssrc);
    await eventuallyStats({ pictureLosses: 1 });
    expect(before).toBeGreaterThan(0);
    await until(() => keyframes > before, 'a keyframe comes', 1000);
  });

  it('trickles candidates, is asked for the right ETag, and says goodbye', async () => {
    const url = await start();
    const viewer = player();
    const offer = await viewer.offer();
    const candidates = [...offer.matchAll(/^a=candidate:.*$/gm)].map(([line]) => line);
    const { status, headers, body } = await post(url, offer.replace(/^a=(candidate|end-of-candidates).*\r\n/gm, ''));
    expect(status).toBe(201);
    const location = new URL(headers.location!, url).href;
    const ufrag = /^a=ice-ufrag:.*$/m.exec(offer)![0];
    const fragment = [ufrag, 'm=video 9 UDP/TLS/RTP/SAVPF 0', 'a=mid:0', ...candidates, 'a=end-of-candidates', ''];
    const patch = (text: string, more: Record<string, string> = {}) =>
      askText(location, { method: 'PATCH', headers: { ...FRAGMENT, ...more }, body: text });
    await viewer.connection.setRemoteDescription({ type: 'answer', sdp: body.toString() });
    expect(await patch(fragment.join('\r\n'), { 'If-Match': headers.etag! })).toMatchObject({ status: 204 });
    expect(await patch(fragment.join('\r\n'))).toMatchObject({ status: 204 });
    expect(await patch('', { 'If-Match': '"other"' })).toMatchObject({ status: 412, code: 'etag-mismatch' });
    expect(await patch('a=ice-ufrag:other')).toMatchObject({ status: 422, code: 'ice-restart-unsupported' });
    expect(await patch('no fragment')).toMatchObject({ status: 400, code: 'fragment-malformed' });
    expect(await patch('', SDP)).toMatchObject({ status: 415 });
    await until(() => viewer.received.rtpTimestamps.size > 10, 'video flows');
    expect(await askText(location, { method: 'DELETE' })).toMatchObject({ status: 204 });
    expect(await askText(location, { method: 'DELETE' })).toMatchObject({ status: 404, code: 'session-unknown' });
    expect(await patch(fragment.join('\r\n'))).toMatchObject({ status: 404 });
    await eventuallyStats({ whepSessions: 0, peers: 0 });
  });

  it('needs the token for all but the preflight, and may then be on any site', async () => {
    const url = await start(TOKEN);
    const origin = { Origin: PLAYER_PAGE };
    const preflight = await ask(url, {
      method: 'OPTIONS',
      headers: {
        ...origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': expect.stringContaining('PATCH') as string,
      'access-control-allow-headers': expect.stringMatching(/Authorization.*Content-Type/) as string,
      'accept-post': 'application/sdp',
    });
    const viewer = player();
    const refused = await post(`${url}?token=${TOKEN}`, await viewer.offer(), origin);
    expect(refused.status).toBe(401);
    expect(refused.headers['access-control-allow-origin']).toBe('*');
    const { status, headers } = await post(url, await viewer.offer(), { ...origin, ...AUTHORIZED });
    expect(status).toBe(201);
    expect(headers['access-control-expose-headers']).toContain('Location');
    const location = new URL(headers.location!, url).href;
    expect((await ask(location, { method: 'DELETE', headers: origin })).status).toBe(401);
    expect((await ask(location, { method: 'DELETE', headers: { ...origin, ...AUTHORIZED } })).status).toBe(204);
  });

  it('must not be on another site where no token protects the cameras', async () => {
    const url = await start();
    const offer = await player().offer();
    const foreign = await askText(url, { method: 'POST', headers: { ...SDP, Origin: PLAYER_PAGE }, body: offer });
    expect(foreign).toMatchObject({ status: 403, code: 'origin-not-allowed' });
    expect((await ask(url, { method: 'OPTIONS', headers: { Origin: PLAYER_PAGE } })).status).toBe(403);
    const own = await post(url, offer, { Origin: 'https://gate.example' });
    expect(own.status).toBe(201);
    expect(own.headers['access-control-allow-origin']).toBe('https://gate.example');
  });
});

describe('refusals', () => {
  it('are typed, and leave no session', async () => {
    const url = await start();
    const offer = await player().offer();
    const other = await player({
      codec: new RTCRtpCodecParameters({ mimeType: 'video/VP8', clockRate: 90_000 }),
    }).offer();
    const send = (body: string, headers: Record<string, string> = {}, to = url) =>
      askText(to, { method: 'POST', headers: { ...SDP, ...headers }, body });
    expect(await send(offer, {}, `${server!.url}/whep/nowhere`)).toMatchObject({ status: 404, code: 'stream-unknown' });
    expect(await send('{}', { 'Content-Type': 'application/json' })).toMatchObject({
      status: 415,
      code: 'media-type-unsupported',
    });
    expect(await send('x'.repeat(70_000))).toMatchObject({ status: 413, code: 'body-too-large' });
    expect(await send('')).toMatchObject({ status: 400, code: 'sdp-malformed' });
    expect(await send('garbage')).toMatchObject({ status: 400, code: 'sdp-malformed' });
    expect(await send(other)).toMatchObject({ status: 422, code: 'offer-without-h264' });
    expect(await askText(url)).toMatchObject({ status: 405, code: 'method-not-allowed' });
    for (const broken of damage(offer)) {
      const { status, code, location } = await send(broken);
      expect([201, 400, 422]).toContain(status);
      if (location) await ask(new URL(location, url).href, { method: 'DELETE' });
      else expect(['sdp-malformed', 'offer-refused', 'offer-without-h264']).toContain(code);
    }
    await eventuallyStats({ whepSessions: 0, peers: 0 });
    const viewer = player();
    await viewer.play(url);
    await until(() => viewer.received.rtpTimestamps.size > 10, 'video flows after all that');
    const put = await ask(`${server!.url}/api/streams/road/calibration`, { method: 'PUT', headers: SDP, body: 'v=0' });
    expect(put.status).toBe(415);
  });

  it('say that a stream cannot be carried, and what to take instead', async () => {
    const streams = () => pipeline.streams().map((info) => ({ ...info, webrtcFault: 'h265' as const }));
    const url = await start(null, 8, { streams });
    const { status, code, detail } = await askText(url, {
      method: 'POST',
      headers: SDP,
      body: await player().offer(),
    });
    expect([status, code]).toEqual([409, 'stream-not-for-webrtc']);
    expect(detail).toMatch(/H\.265.*\/stream\/road/);
  });

  it('keep to the limit of viewers; whoever never connects makes room', async () => {
    const url = await start(null, 2);
    for (let i = 0; i < 2; i++) expect((await post(url, await player().offer())).status).toBe(201);
    const third = await post(url, await player().offer());
    expect(third.status).toBe(503);
    expect(third.headers['retry-after']).toBeDefined();
    expect(JSON.parse(third.body.toString())).toMatchObject({ code: 'too-many-viewers' });
    // A page does not see the status of an upgrade, so a dashboard is told by the WebSocket.
    const dashboard = new WebSocket(`${server!.url.replace('http', 'ws')}/ws`);
    const [code, reason] = (await once(dashboard, 'close')) as [number, Buffer];
    expect([code, reason.toString()]).toEqual([1013, '2 viewers watch already (webrtc.maxViewers)']);
    // The oldest goes when it had time to connect and somebody comes, and all of them when nobody does.
    await sleep(3100);
    expect((await post(url, await player().offer())).status).toBe(201);
    expect((await webrtcStats())['whepSessions']).toBe(2);
    await eventuallyStats({ whepSessions: 0, peers: 0 }, 15_000);
  });

  it('end with the server, also while they are being answered', async () => {
    const url = await start();
    const viewer = player();
    await viewer.play(url);
    await until(() => viewer.received.rtpTimestamps.size > 10, 'video flows');
    const late = post(url, await player().offer()).then(
      ({ status }) => status,
      () => 'the connection ended',
    );
    await server!.close();
    expect([201, 503, 'the connection ended']).toContain(await late);
    const { size } = viewer.received.rtpTimestamps;
    await sleep(500);
    expect(viewer.received.rtpTimestamps.size - size).toBeLessThanOrEqual(1);
  });

  it('forget a player that vanished without a word', async () => {
    const url = await start();
    const viewer = player();
    await viewer.play(url);
    await eventuallyStats({ whepViewers: 1 });
    // As a machine that lost its power: nothing is said, nothing is answered.
    for (const transport of viewer.connection.iceTransports) {
      const { connection } = transport as unknown as { connection: { protocols: { close: () => Promise<void> }[] } };
      await Promise.all(connection.protocols.map((protocol) => protocol.close()));
    }
    await eventuallyStats({ whepSessions: 0, peers: 0 }, 50_000);
  });
});

async function askText(url: string, extras?: RequestExtras) {
  const { status, headers, body } = await ask(url, extras);
  const isProblem = headers['content-type']?.startsWith('application/problem+json');
  const problem = (isProblem ? JSON.parse(body.toString()) : {}) as { code?: string; detail?: string };
  return { status, code: problem.code, detail: problem.detail, location: headers.location };
}

/** Offers that are nearly right: cut short, without one kind of line, with values that are none. */
function damage(offer: string): string[] {
  const lines = offer.split('\r\n');
  return [
    offer.slice(0, offer.length >> 1),
    lines.filter((line) => !line.startsWith('a=mid')).join('\r\n'),
    lines.filter((line) => !line.startsWith('a=setup')).join('\r\n'),
    lines.filter((line) => !line.startsWith('m=')).join('\r\n'),
    offer.replace(/a=fingerprint:.*/g, 'a=fingerprint:sha-256 zz'),
    offer.replace(/a=candidate:.*/g, 'a=candidate:x'),
    offer.replace(/a=rtpmap:(\d+) H264/g, 'a=rtpmap:99999999 H264'),
  ];
}
