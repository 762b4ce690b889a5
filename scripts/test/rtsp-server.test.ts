import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Faults } from '@lanecast/scripts/rtsp-server/faults';
import { rtpPayloadRange, startsKeyframe } from '@lanecast/scripts/rtsp-server/keyframe';
import { RtspServer, type RtspServerOptions } from '@lanecast/scripts/rtsp-server/server';
import { seededRandom } from '@lanecast/server/core/random';
import { temporaryDirectory, shortClip } from './support/clip.js';
import { ffmpeg, frameHashes, needsFfmpeg, publish, type Transport } from './support/ffmpeg.js';
import { RawClient, rtpPacket } from './support/raw-client.js';
import { readPts } from './support/node-av-reader.js';
import { until } from './support/wait.js';

const directory = temporaryDirectory();
const cleanups: (() => unknown)[] = [];
let clip: string;
let clipHashes: string[] = [];

beforeAll(async () => {
  clip = (await shortClip(directory)).path;
  if (ffmpeg !== null) clipHashes = await frameHashes(clip, 50);
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function listen(options: Partial<RtspServerOptions> = {}): Promise<RtspServer> {
  const server = await RtspServer.listen({ port: 0, ...options });
  cleanups.push(() => server.close());
  return server;
}

async function open(url: string): Promise<RawClient> {
  const client = await RawClient.open(url);
  cleanups.push(() => client.close());
  return client;
}

async function recorder(url: string): Promise<RawClient> {
  const client = await open(url);
  expect((await client.record()).status).toBe(200);
  return client;
}

async function player(url: string): Promise<RawClient> {
  const client = await open(url);
  expect((await client.play()).status).toBe(200);
  return client;
}

function publishUntilTheEnd(url: string, transport: Transport = 'tcp'): ReturnType<typeof publish> {
  const child = publish(clip, url, transport);
  cleanups.push(() => child.kill('SIGKILL'));
  return child;
}

const published = (server: RtspServer, path: string): (() => boolean) => {
  return () => server.paths().some((entry) => entry.path === path && entry.rtpPackets > 0);
};

/** Where in the clip each frame comes from. */
function clipPositions(hashes: readonly string[]): number[] {
  return hashes.map((hash) => clipHashes.indexOf(hash));
}

describe.skipIf(ffmpeg === null)(`with ffmpeg${needsFfmpeg}`, () => {
  it.each([
    ['tcp', 'tcp'],
    ['tcp', 'udp'],
    ['udp', 'tcp'],
    ['udp', 'udp'],
  ] as const)('published over %s and read over %s: every frame, bit by bit, from a keyframe on', async (out, into) => {
    const server = await listen();
    publishUntilTheEnd(server.url('x'), out);
    await until('the path is published', published(server, 'x'));
    const positions = clipPositions(await frameHashes(server.url('x'), 60, into));
    expect(positions[0]! % 25).toBe(0);
    expect(positions).toEqual(positions.map((_, index) => (positions[0]! + index) % clipHashes.length));
    expect(positions).toHaveLength(60);
  });

  it('serves two readers at once', async () => {
    const server = await listen();
    publishUntilTheEnd(server.url('x'));
    await until('the path is published', published(server, 'x'));
    const both = await Promise.all((['tcp', 'udp'] as const).map((way) => frameHashes(server.url('x'), 40, way)));
    for (const hashes of both) expect(clipPositions(hashes)).not.toContain(-1);
    expect(both.map((hashes) => hashes.length)).toEqual([40, 40]);
  });

  it.each(['tcp', 'udp'] as const)('is read by node-av over %s, evenly over the seam', async (transport) => {
    const server = await listen();
    publishUntilTheEnd(server.url('x'));
    await until('the path is published', published(server, 'x'));
    const pts = await readPts(server.url('x'), 70, transport);
    expect(pts.slice(1).map((value, index) => value - pts[index]!)).toEqual(Array.from({ length: 69 }, () => 3600));
  });

  it('closes the readers of a killed publisher, knows nothing of the path, and serves it again', async () => {
    const server = await listen();
    const first = publishUntilTheEnd(server.url('x'));
    await until('the path is published', published(server, 'x'));
    const reader = await player(server.url('x'));
    await until('packets come', () => reader.packets.length > 5);
    first.kill('SIGKILL');
    await until('the reader is closed', () => reader.closed, 2000);
    expect((await (await open(server.url('x'))).request('DESCRIBE')).status).toBe(404);
    publishUntilTheEnd(server.url('x'));
    await until('the path is back', published(server, 'x'));
    expect(clipPositions(await frameHashes(server.url('x'), 10, 'tcp'))).not.toContain(-1);
  });

  it.each([
    ['Digest', {}],
    ['Digest with qop', { digestQop: true }],
    ['Basic', { schemes: ['basic'] as const }],
  ])('lets a reader with the password in: %s', async (_, options) => {
    const server = await listen({ credentials: { username: 'viewer', password: 'secret', ...options } });
    publishUntilTheEnd(server.url('x'));
    await until('the path is published', published(server, 'x'));
    const asUser = (userInfo: string): string => server.url('x').replace('//', `//${userInfo}@`);
    expect(await frameHashes(asUser('viewer:secret'), 5, 'tcp')).toHaveLength(5);
    await expect(frameHashes(asUser('viewer:wrong'), 5, 'tcp')).rejects.toThrow('401 Unauthorized');
  });
});

describe('readers', () => {
  it('begin with a keyframe', async () => {
    const server = await listen();
    const camera = await recorder(server.url('x'));
    const reader = await player(server.url('x'));
    for (const [sequence, kind] of (['p', 'p', 'idr', 'p'] as const).entries()) {
      await camera.sendRtp(rtpPacket(sequence, kind));
    }
    await until('two packets come', () => reader.packets.length === 2);
    expect(startsKeyframe('h264', reader.packets[0]!.packet)).toBe(true);
    expect(reader.packets.map(({ packet }) => packet.readUInt16BE(2))).toEqual([2, 3]);
  });

  it('are refused without the password, at every step', async () => {
    const server = await listen({ credentials: { username: 'viewer', password: 'secret' } });
    await recorder(server.url('x'));
    const reader = await open(server.url('x'));
    const answer = await reader.request('DESCRIBE');
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^(Digest|Basic) realm="lanecast"/);
    expect((await reader.request('SETUP', { Transport: 'RTP/AVP/TCP' }, '', '/trackID=0')).status).toBe(401);
    expect((await reader.request('PLAY')).status).toBe(401);
  });

  it('are dropped when they do not read, and the others stay', async () => {
    const server = await listen({ maxPendingBytes: 1024 * 1024 });
    const camera = await recorder(server.url('x'));
    const stuck = await player(server.url('x'));
    const good = await player(server.url('x'));
    stuck.stopReading();
    let sequence = 0;
    for (; sequence < 40_000 && server.droppedReaders === 0; sequence++) {
      await camera.sendRtp(rtpPacket(sequence, 'idr', 1400));
      // Let the good reader, which shares this thread, take its part.
      if (sequence % 50 === 0) await until('it keeps up', () => sequence - good.packets.length < 100);
    }
    expect(server.droppedReaders).toBe(1);
    expect(server.paths()).toMatchObject([{ path: 'x', readers: 1 }]);
    await until('the good reader has everything', () => good.packets.length === sequence);
  });

  it('are closed when they say nothing for the time of a session, and kept while they do', async () => {
    const server = await listen({ sessionTimeoutMs: 400 });
    await recorder(server.url('x'));
    const silent = await player(server.url('x'));
    const lively = await player(server.url('x'));
    for (let round = 0; round < 8; round++) {
      expect((await lively.request('GET_PARAMETER')).status).toBe(200);
      await sleep(100);
    }
    expect([silent.closed, lively.closed]).toEqual([true, false]);
  });

  it('are closed when another publisher takes the path', async () => {
    const server = await listen();
    const first = await recorder(server.url('x'));
    const reader = await player(server.url('x'));
    await recorder(server.url('x'));
    await until('both are closed', () => first.closed && reader.closed);
    expect(server.paths()).toEqual([{ path: 'x', readers: 0, rtpPackets: 0 }]);
  });
});

describe('requests out of order or out of place', () => {
  it.each([
    ['DESCRIBE of nothing', 'DESCRIBE', {}, '/nothing', 404],
    ['SETUP without a transport', 'SETUP', {}, '/trackID=0', 461],
    ['SETUP of multicast', 'SETUP', { Transport: 'RTP/AVP;multicast' }, '/trackID=0', 461],
    ['SETUP of a track that is not there', 'SETUP', { Transport: 'RTP/AVP/TCP' }, '/trackID=7', 404],
    ['PLAY before SETUP', 'PLAY', {}, '', 455],
    ['RECORD before ANNOUNCE', 'RECORD', {}, '', 455],
    ['ANNOUNCE without SDP', 'ANNOUNCE', {}, '', 415],
    ['ANNOUNCE without tracks', 'ANNOUNCE', { 'Content-Type': 'application/sdp' }, '', 400],
    ['another session', 'PLAY', { Session: 'nonsense' }, '', 454],
    ['an unknown method', 'REDIRECT', {}, '', 405],
    ['OPTIONS', 'OPTIONS', {}, '', 200],
  ])('%s', async (_, method, headers, suffix, status) => {
    const server = await listen();
    await recorder(server.url('x'));
    expect((await (await open(server.url('x'))).request(method, headers, '', suffix)).status).toBe(status);
  });

  it('closes a connection that does not speak RTSP, and goes on', async () => {
    const server = await listen();
    const client = await open(server.url('x'));
    client.sendText('GET / HTTP/1.1\r\n\r\n');
    await until('it is closed', () => client.closed);
    expect((await (await open(server.url('x'))).request('OPTIONS')).status).toBe(200);
  });

  it('takes TEARDOWN, and the path is gone', async () => {
    const server = await listen();
    const camera = await recorder(server.url('x'));
    expect((await camera.request('TEARDOWN')).status).toBe(200);
    expect(server.paths()).toEqual([]);
  });
});

describe('RtspServer', () => {
  it('listens on loopback only', async () => {
    const server = await listen();
    expect(server.host).toBe('127.0.0.1');
    expect(server.url('a')).toBe(`rtsp://127.0.0.1:${server.port}/a`);
  });

  it('says that the port is in use', async () => {
    const server = await listen();
    await expect(RtspServer.listen({ port: server.port })).rejects.toMatchObject({
      code: 'rtsp-server-listen',
      message: expect.stringContaining('the port is in use') as string,
    });
  });

  it('closes twice, with all its connections', async () => {
    const server = await RtspServer.listen({ port: 0 });
    const camera = await recorder(server.url('x'));
    await Promise.all([server.close(), server.close()]);
    await until('the camera is closed', () => camera.closed);
    const retry = createConnection(server.port, '127.0.0.1');
    await expect(new Promise((_, reject) => retry.once('error', reject))).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });
});

describe('Faults', () => {
  async function relay(): Promise<{ camera: RawClient; reader: RawClient; faults: Faults }> {
    const server = await listen();
    const camera = await recorder(server.url('x'));
    const reader = await player(server.url('x'));
    return { camera, reader, faults: new Faults(server) };
  }

  async function sendMany(camera: RawClient, count: number): Promise<void> {
    for (let sequence = 0; sequence < count; sequence++) await camera.sendRtp(rtpPacket(sequence, 'idr'));
    // The answer comes after the packets were forwarded.
    await camera.request('OPTIONS');
  }

  it('freezes and thaws, with the sockets open', async () => {
    const { camera, reader, faults } = await relay();
    faults.freeze('x');
    await sendMany(camera, 10);
    await reader.request('OPTIONS');
    expect([reader.packets.length, reader.closed, camera.closed]).toEqual([0, false, false]);
    faults.thaw('x');
    await sendMany(camera, 10);
    await until('packets come again', () => reader.packets.length === 10);
  });

  it('drops the same packets from the same seed', async () => {
    const arrived: number[][] = [];
    for (let run = 0; run < 2; run++) {
      const { camera, reader, faults } = await relay();
      faults.drop('x', 0.3, seededRandom(7));
      await sendMany(camera, 200);
      await reader.request('OPTIONS');
      arrived.push(reader.packets.map(({ packet }) => packet.readUInt16BE(2)));
    }
    expect(arrived[0]).toEqual(arrived[1]);
    expect(arrived[0]!.length).toBeGreaterThan(110);
    expect(arrived[0]!.length).toBeLessThan(170);
  });

  it('damages packets in the ways asked for, until cleared', async () => {
    const { camera, reader, faults } = await relay();
    faults.corrupt('x', { rate: 0.5, kinds: ['noise', 'truncate', 'runt'], random: seededRandom(3) });
    await camera.sendRtp(rtpPacket(0, 'idr'));
    await sendMany(camera, 300);
    await reader.request('OPTIONS');
    const received = reader.packets.map(({ packet }) => packet);
    const runts = received.filter((packet) => packet.length < 12);
    const short = received.filter((packet) => packet.length >= 12 && packet.length < 112);
    const noisy = received.filter((packet) => packet.length === 112 && packet.subarray(13).some((byte) => byte !== 0));
    for (const kind of [runts, short, noisy]) expect(kind.length).toBeGreaterThan(20);
    for (const packet of [...short, ...noisy]) expect(rtpPayloadRange(packet)).not.toBeNull();
    faults.clear('x');
    reader.packets.length = 0;
    await sendMany(camera, 50);
    await until('all come', () => reader.packets.length === 50);
    expect(reader.packets.map(({ packet }) => packet)).toEqual(
      Array.from({ length: 50 }, (_, sequence) => rtpPacket(sequence, 'idr')),
    );
  });
});
