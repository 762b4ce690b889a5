import { spawn, type ChildProcess } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { SyntheticClipOptions } from '@lanecast/scripts/clips/synthetic-clip';
import { publishClip } from '@lanecast/scripts/publish/publish-clip';
import type { ClipPublisher } from '@lanecast/scripts/publish/publisher';
import { Reaper } from '@lanecast/scripts/publish/reaper';
import { RtspServer } from '@lanecast/scripts/rtsp-server/server';
import { shortClip, temporaryDirectory } from './support/clip.js';
import { ffmpeg, needsFfmpeg } from './support/ffmpeg.js';
import { RawClient } from './support/raw-client.js';
import { until } from './support/wait.js';

const directory = temporaryDirectory();
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Tells which processes were started. */
class WatchedReaper extends Reaper {
  readonly started: ChildProcess[] = [];
  override guard(child: ChildProcess): void {
    this.started.push(child);
    super.guard(child);
  }
}

interface Setup {
  server: RtspServer;
  reaper: WatchedReaper;
  lines: string[];
  publisher: ClipPublisher;
}

async function start(way: 'ffmpeg' | 'in process', options: SyntheticClipOptions = {}): Promise<Setup> {
  const server = await RtspServer.listen({ port: 0 });
  const reaper = new WatchedReaper();
  const lines: string[] = [];
  const { path: clip } = await shortClip(directory, options);
  const binary = way === 'ffmpeg' ? ffmpeg : null;
  const log = (line: string): void => void lines.push(line);
  const publisher = publishClip({ clip, url: server.url('x'), ffmpeg: binary, reaper, log });
  cleanups.push(
    () => server.close(),
    () => reaper.close(),
    () => publisher.close(),
  );
  await until('the path is published', () => server.paths().length === 1);
  return { server, reaper, lines, publisher };
}

/** The RTP timestamps of the pictures that a reader gets until there are `count`, each unwrapped from the first. */
async function pictureTimestamps(url: string, count: number): Promise<number[]> {
  const reader = await RawClient.open(url);
  cleanups.push(() => reader.close());
  await reader.play();
  const seen = (): number[] => {
    const rtp = reader.packets.filter(({ channel }) => channel === 0).map(({ packet }) => packet.readUInt32BE(4));
    return [...new Set(rtp.map((timestamp) => (timestamp - rtp[0]!) | 0))];
  };
  await until(`${count} pictures come`, () => seen().length >= count, 20_000);
  return seen().slice(0, count);
}

const ways = ffmpeg === null ? (['in process'] as const) : (['ffmpeg', 'in process'] as const);

describe.each(ways)(`publishing: %s${needsFfmpeg}`, (way) => {
  it('goes on evenly over two seams', async () => {
    const { server } = await start(way);
    const timestamps = await pictureTimestamps(server.url('x'), 120);
    expect(timestamps).toEqual(timestamps.map((_, index) => index * 3600));
  });

  it('goes on evenly over two seams with B-frames', async () => {
    const { server } = await start(way, { bFrames: 2 });
    const timestamps = await pictureTimestamps(server.url('x'), 120);
    expect(timestamps).not.toEqual([...timestamps].sort((a, b) => a - b));
    // Up to two pictures at each end may have their neighbours outside of what was read.
    const inOrder = [...timestamps].sort((a, b) => a - b).slice(3, -3);
    expect(inOrder).toEqual(inOrder.map((_, index) => inOrder[0]! + index * 3600));
  });

  it('runs in real time', async () => {
    const { server } = await start(way);
    const startedMs = performance.now();
    await pictureTimestamps(server.url('x'), 76);
    const tookMs = performance.now() - startedMs;
    // 75 frame times and up to one second until a keyframe; ffmpeg's -re begins with a small burst.
    expect(tookMs).toBeGreaterThan(2000);
    expect(tookMs).toBeLessThan(6000);
  });

  it('begins again when the server was gone', async () => {
    const { server, lines, publisher } = await start(way);
    await server.close();
    await until('the end is noticed', () => lines.length > 0);
    expect(lines[0]).toMatch(/^rtsp:\/\/127\.0\.0\.1:\d+\/x stopped: .*; starting again in 250 ms$/);
    const again = await RtspServer.listen({ port: server.port });
    cleanups.push(() => again.close());
    await until('it is published again', () => again.paths().length === 1);
    expect(publisher.restarts).toBeGreaterThan(0);
  });

  it('is over when closed, also twice', async () => {
    const { server, reaper, lines, publisher } = await start(way);
    await Promise.all([publisher.close(), publisher.close()]);
    expect(reaper.started.every((child) => child.exitCode !== null || child.signalCode !== null)).toBe(true);
    await until('the path is gone', () => server.paths().length === 0);
    expect(lines).toEqual([]);
  });
});

describe.skipIf(ffmpeg === null)(`ffmpeg processes${needsFfmpeg}`, () => {
  it('are replaced when killed', async () => {
    const { server, reaper, lines, publisher } = await start('ffmpeg');
    reaper.started[0]!.kill('SIGKILL');
    await until('the loss is noticed', () => lines.length === 1);
    expect(lines[0]).toContain('ffmpeg was killed by SIGKILL');
    await until('there is another one', () => reaper.started.length === 2 && server.paths().length === 1);
    expect(publisher.restarts).toBe(1);
  });

  it('do not outlive a parent that is killed with -9', async () => {
    const server = await RtspServer.listen({ port: 0 });
    cleanups.push(() => server.close());
    const clips = dirname((await shortClip(directory)).path);
    const program = fileURLToPath(new URL('../dist/streams.js', import.meta.url));
    const args = [program, '--streams', '2', '--clips', clips, '--rtsp-base', server.url('')];
    const parent = spawn(process.execPath, args, { stdio: 'ignore' });
    cleanups.push(() => parent.kill('SIGKILL'));
    await until('it publishes', () => server.paths().length === 2);
    parent.kill('SIGKILL');
    // The server is in this process: a path goes when its ffmpeg does.
    await until('every ffmpeg is gone', () => server.paths().length === 0, 3000);
  });
});
