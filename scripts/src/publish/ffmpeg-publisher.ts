/** Publishes a clip with an ffmpeg process: as it is coded, in real time, with timestamps that go on over the loop. */
import { spawn } from 'node:child_process';
import type { Clock } from '@lanecast/server/core/clock';
import { systemClock } from '@lanecast/server/ops/clock';
import type { FfmpegBinary } from './ffmpeg-binary.js';
import type { ClipPublisher, ClipPublisherOptions } from './publisher.js';
import { RestartingPublisher } from './restarting.js';
import type { Reaper } from './reaper.js';

const KILL_AFTER_MS = 2000;
const MAX_STDERR_CHARACTERS = 4096;

export function publishWithFfmpeg(
  options: ClipPublisherOptions & { ffmpeg: FfmpegBinary; reaper: Reaper; clock?: Clock },
): ClipPublisher {
  const { clip, url, ffmpeg, reaper, log, clock = systemClock } = options;
  const args = publishArguments(clip, url);
  return new RestartingPublisher((signal) => runOnce(ffmpeg.path, args, reaper, clock, signal), url, clock, log);
}

/** The arguments of one publishing ffmpeg. */
export function publishArguments(clip: string, url: string): string[] {
  const input = ['-re', '-stream_loop', '-1', '-i', clip];
  const output = ['-map', '0:v:0', '-c', 'copy', '-an', '-f', 'rtsp', '-rtsp_transport', 'tcp', url];
  return ['-hide_banner', '-nostdin', '-loglevel', 'error', ...input, ...output];
}

/** Runs ffmpeg until it ends or `signal` says so; resolves with the reason when the process is gone. */
function runOnce(program: string, args: string[], reaper: Reaper, clock: Clock, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    // Detached: the terminal's Ctrl-C comes to us, and we end it in order. The reaper sees to it if we cannot.
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    reaper.guard(child);
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-MAX_STDERR_CHARACTERS);
    });
    let cancelKill = (): void => undefined;
    const stop = (): void => {
      child.kill('SIGTERM');
      cancelKill = clock.after(KILL_AFTER_MS, () => child.kill('SIGKILL'));
    };
    const finish = (reason: string): void => {
      signal.removeEventListener('abort', stop);
      cancelKill();
      resolve(reason);
    };
    child.once('error', (error) => finish(`${program} could not be run: ${error.message}`));
    child.once('close', (code, killedBy) => {
      const how = code === null ? `was killed by ${killedBy ?? 'a signal'}` : `ended with ${code}`;
      finish([`ffmpeg ${how}`, ...lastLine(stderr)].join(': '));
    });
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });
}

function lastLine(text: string): string[] {
  const line = text.trimEnd().split('\n').at(-1)?.trim();
  return line === undefined || line === '' ? [] : [line];
}
