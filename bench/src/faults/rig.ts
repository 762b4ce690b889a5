/** Four cameras and a server, to make faults happen to. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { syntheticClip } from '@lanecast/scripts/clips/synthetic-clip';
import type { StreamInfo } from '@lanecast/server/core/types';
import type { OutputStats } from '@lanecast/server/outputs/output-stats';
import type { PipelineStats } from '@lanecast/server/pipeline/api';
import { Cameras } from '../cameras/cameras.js';
import { LanecastProcess } from '../latency/lanecast-process.js';
import { askJson } from '../memory/sampler.js';
import { leaveAll } from '../memory/viewers.js';
import { DripProxy } from './drip-proxy.js';

export const STREAMS = ['stream0', 'stream1', 'stream2', 'stream3'] as const;
/** 2^33 ticks of 90 kHz, in microseconds: the end of MPEG's clock. */
export const PTS_WRAP_US = Math.round((2 ** 33 / 90_000) * 1e6);
/** The matrix reaches it soon after its start. */
const BEFORE_WRAP_US = 15_000_000;

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** How the server finds a camera when nothing else was said. */
interface StreamHome {
  id: string;
  url: string;
  transport: 'tcp' | 'udp';
}

export class Rig {
  readonly cameras: Cameras;
  readonly proxy: DripProxy;
  /** stream0's way to its camera is through a proxy, stream1's is UDP; two streams share an ingest thread. */
  server: LanecastProcess;
  /** A directory that fits 64 KiB, for the server's state; null where none could be mounted. */
  readonly smallDisk: string | null;
  /** Why detection does not run on CUDA here; null: it does. */
  noGpuReason: string | null = null;
  #recoveryBeganAtMs: number | null = null;
  #endedOutput = '';
  readonly #folder: string;
  readonly #flags: string[];
  /** The cameras of the configuration as it was at the start. */
  readonly homes: readonly StreamHome[];
  readonly configFile: string;
  /** Writes the configuration file with other cameras. */
  readonly configure: (streams: readonly object[]) => void;
  readonly #notes: string[] = [];

  static async start(): Promise<Rig> {
    const folder = mkdtempSync(join(tmpdir(), 'lanecast-faults-'));
    const clips = [];
    for (let seed = 1; seed <= STREAMS.length; seed++) clips.push(await syntheticClip({ seed, fps: 10 }));
    const other = await syntheticClip({ seed: 9, fps: 10, widthPx: 320, heightPx: 180 });
    const h265 = await syntheticClip({ seed: 9, fps: 10, codec: 'h265' });
    const cameras = await Cameras.start([
      ...clips.map(({ path: clip }, i) => ({ path: STREAMS[i]!, clip })),
      { path: 'spare-small', clip: other.path },
      { path: 'spare-h265', clip: h265.path },
    ]);
    const { hostname, port } = new URL(cameras.base.replace('rtsp:', 'http:'));
    const proxy = await DripProxy.listen(hostname, Number(port));
    const smallDisk = mountSmallDisk(folder);
    // What is saved must find room there, too.
    const file = join(smallDisk ?? folder, 'lanecast.json');
    // JSON is YAML.
    const homes = STREAMS.map((id, i) => ({
      id,
      url: i === 0 ? `rtsp://127.0.0.1:${proxy.port}/${id}` : `${cameras.base}/${id}`,
      transport: i === 1 ? ('udp' as const) : ('tcp' as const),
    }));
    const config = {
      streams: homes,
      ingest: { streamsPerWorker: 2 },
    };
    writeFileSync(file, JSON.stringify(config));
    const configure = (streams: readonly object[]): void => writeFileSync(file, JSON.stringify({ ...config, streams }));
    const flags = ['--config', file, '--debug-faults', '--debug-start-pts', String(PTS_WRAP_US - BEFORE_WRAP_US)];
    if (smallDisk) flags.push('--state-dir', smallDisk);
    try {
      const server = await LanecastProcess.start(flags);
      const rig = new Rig(cameras, proxy, server, smallDisk, folder, flags, homes, file, configure);
      const { detector } = await rig.stats();
      if (detector?.executionProvider !== 'cuda')
        rig.noGpuReason = detector?.executionProviderReason ?? 'detection does not run on CUDA here';
      await rig.until(async () => (await rig.streams()).every(({ state }) => state === 'live'), 'all streams live');
      return rig;
    } catch (error) {
      await cameras.close();
      proxy.close();
      unmount(smallDisk);
      throw error;
    }
  }

  private constructor(
    cameras: Cameras,
    proxy: DripProxy,
    server: LanecastProcess,
    smallDisk: string | null,
    folder: string,
    flags: string[],
    homes: readonly StreamHome[],
    configFile: string,
    configure: (streams: readonly object[]) => void,
  ) {
    this.cameras = cameras;
    this.proxy = proxy;
    this.server = server;
    this.smallDisk = smallDisk;
    this.#folder = folder;
    this.#flags = flags;
    this.homes = homes;
    this.configFile = configFile;
    this.configure = configure;
  }

  get url(): string {
    return this.server.url;
  }

  /** The time to recover counts from now, not from when the fault is over. */
  recoveryBegins(): void {
    this.#recoveryBeganAtMs = performance.now();
  }

  /** When it began, by `recoveryBegins` or else now; and forgets it. */
  takeRecoveryBegin(): number {
    const atMs = this.#recoveryBeganAtMs ?? performance.now();
    this.#recoveryBeganAtMs = null;
    return atMs;
  }

  /** Another server in the place of this one or of one that has ended, perhaps with further flags. */
  async restartServer(further: readonly string[] = []): Promise<void> {
    await this.server.close();
    this.#endedOutput += this.server.output;
    this.server = await LanecastProcess.start([...this.#flags, ...further]);
  }

  /** What all its servers printed. */
  get serverOutput(): string {
    return this.#endedOutput + this.server.output;
  }

  /** Until all streams are live and have pictures. */
  async untilAllPictures(): Promise<void> {
    await Promise.all(STREAMS.map((id) => this.untilPictures(id)));
  }

  /** A word on the fault under way, for its row. */
  note(text: string): void {
    this.#notes.push(text);
  }

  takeNotes(): string[] {
    return this.#notes.splice(0);
  }

  /** A stream's camera is another one from now on; the others are not touched. */
  async redirect(id: string, url: string, transport: 'tcp' | 'udp'): Promise<void> {
    const response = await fetch(`${this.url}/api/streams/${id}`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ url, transport }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${id} was not redirected: ${text}`);
  }

  /** And the one it began with. */
  async redirectHome(id: string): Promise<void> {
    const { url, transport } = this.homes.find((home) => home.id === id)!;
    await this.redirect(id, url, transport);
  }

  streams(): Promise<StreamInfo[]> {
    return askJson(`${this.url}/api/streams`);
  }

  async stream(id: string): Promise<StreamInfo> {
    return (await this.streams()).find((each) => each.id === id)!;
  }

  stats(): Promise<PipelineStats & { outputs: OutputStats }> {
    return askJson(`${this.url}/api/stats`);
  }

  /** Brings a camera back. */
  async revive(id: (typeof STREAMS)[number]): Promise<void> {
    const clip = await syntheticClip({ seed: STREAMS.indexOf(id) + 1, fps: 10 });
    await this.cameras.publish(id, clip.path);
  }

  /** Rejects after half a minute with what was waited for. */
  async until(condition: () => Promise<boolean>, what: string, timeoutMs = 30_000): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    while (!(await condition())) {
      if (performance.now() > deadlineMs) throw new Error(`not so within ${timeoutMs / 1000} s: ${what}`);
      await sleep(50);
    }
  }

  /** Until further pictures of a stream are decoded, and it is live. */
  async untilPictures(id: string): Promise<void> {
    const before = (await this.stream(id)).counters.decoded;
    await this.until(async () => {
      const { state, counters } = await this.stream(id);
      return state === 'live' && counters.decoded > before;
    }, `pictures of ${id}`);
  }

  async close(): Promise<void> {
    // Of a row that failed: they would keep this process.
    await leaveAll();
    await this.server.close();
    await this.cameras.close();
    this.proxy.close();
    unmount(this.smallDisk);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function mountSmallDisk(folder: string): string | null {
  const path = join(folder, 'state');
  try {
    execFileSync('mkdir', ['-p', path]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', path], { stdio: 'ignore' });
    return path;
  } catch {
    return null;
  }
}

function unmount(path: string | null): void {
  if (path) execFileSync('umount', [path]);
}
