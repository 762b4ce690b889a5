/** The ffmpeg program as publisher and reader. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { promisify } from 'node:util';
import { findFfmpeg } from '@lanecast/scripts/publish/ffmpeg-binary';

const search = await findFfmpeg();
export const ffmpeg = search.binary;
/** For the names of tests that are skipped without it. */
export const needsFfmpeg = ffmpeg === null ? ' (skipped: no ffmpeg here, see scripts/setup-system)' : '';

export type Transport = 'tcp' | 'udp';

export function publish(clip: string, url: string, transport: Transport): ChildProcess {
  const input = ['-re', '-stream_loop', '-1', '-i', clip, '-c', 'copy', '-an'];
  const args = ['-loglevel', 'error', '-nostdin', ...input, '-f', 'rtsp', '-rtsp_transport', transport, url];
  return spawn(ffmpeg!.path, args, { stdio: 'ignore' });
}

/** The MD5 of each of the first `frames` decoded frames of a file or URL, in order. */
export async function frameHashes(input: string, frames: number, transport?: Transport): Promise<string[]> {
  const source = transport === undefined ? ['-i', input] : ['-rtsp_transport', transport, '-i', input];
  const args = ['-loglevel', 'error', '-nostdin', ...source, '-fps_mode', 'passthrough', '-frames:v', String(frames)];
  const { stdout } = await promisify(execFile)(ffmpeg!.path, [...args, '-f', 'framemd5', '-'], { timeout: 30_000 });
  return stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').at(-1)!.trim());
}
