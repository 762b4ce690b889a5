/** Runs MediaMTX as a child process: RTSP only, on loopback, any path may be published. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@lanecast/server/core/clock';
import { LanecastError } from '@lanecast/server/core/errors';
import { systemClock } from '@lanecast/server/ops/clock';
import type { Reaper } from '../publish/reaper.js';
import { UdpPair } from '../rtsp-server/udp-pair.js';
import { probeRtsp } from './rtsp-probe.js';

const START_TIMEOUT_MS = 10_000;
const POLL_MS = 100;
const KILL_AFTER_MS = 3000;

export interface MediaMtx {
  /** Ends the process. May be called twice. */
  close(): Promise<void>;
}

/** Settings that every version since 1.0 knows; the rest stays at its default. */
export function mediaMtxConfig(host: string, port: number, rtpPort: number): string {
  return [
    'logLevel: warn',
    `rtspAddress: ${host}:${port}`,
    `rtpAddress: ${host}:${rtpPort}`,
    `rtcpAddress: ${host}:${rtpPort + 1}`,
    'rtmp: no',
    'hls: no',
    'webrtc: no',
    'srt: no',
    'paths:',
    '  all_others:',
    '',
  ].join('\n');
}

/**
 * Starts `program` and waits until it answers on `host:port`.
 * @throws LanecastError `mediamtx-start` when it does not.
 */
export async function startMediaMtx(
  program: string,
  host: string,
  port: number,
  reaper: Reaper,
  clock: Clock = systemClock,
): Promise<MediaMtx> {
  const udpPair = await UdpPair.bind(host);
  udpPair.close();
  const directory = await mkdtemp(join(tmpdir(), 'lanecast-mediamtx-'));
  const configPath = join(directory, 'mediamtx.yml');
  await writeFile(configPath, mediaMtxConfig(host, port, udpPair.rtpPort));
  const child = spawn(program, [configPath], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  reaper.guard(child);
  let output = '';
  for (const pipe of [child.stdout, child.stderr]) {
    pipe.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-2000);
    });
  }
  let isGone = false;
  const gone = new Promise<void>((resolve) => {
    const finish = (): void => {
      isGone = true;
      resolve();
    };
    child.once('close', finish).once('error', finish);
  });
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    const cancelKill = clock.after(KILL_AFTER_MS, () => child.kill('SIGKILL'));
    await gone;
    cancelKill();
    await rm(directory, { recursive: true, force: true });
  };
  const deadlineMs = clock.nowMs() + START_TIMEOUT_MS;
  while (!hasExited() && clock.nowMs() < deadlineMs) {
    if (typeof (await probeRtsp(`rtsp://${host}:${port}/`, 'OPTIONS')) === 'number') return { close };
    await new Promise<void>((resolve) => clock.after(POLL_MS, resolve));
  }
  await close();
  const said = output.trim().split('\n').at(-1) ?? '';
  throw new LanecastError(
    'mediamtx-start',
    `Starting ${program} on ${host}:${port}: it does not answer. ${said}`.trim(),
  );

  function hasExited(): boolean {
    return isGone;
  }
}
