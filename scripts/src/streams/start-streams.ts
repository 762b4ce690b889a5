/** Publishes looped clips as stream0, stream1, ... to an RTSP server. */
import type { Clock } from '@lanecast/server/core/clock';
import { LanecastError } from '@lanecast/server/core/errors';
import { systemClock } from '@lanecast/server/ops/clock';
import { findFfmpeg } from '../publish/ffmpeg-binary.js';
import { publishClip } from '../publish/publish-clip.js';
import type { ClipPublisher } from '../publish/publisher.js';
import { Reaper } from '../publish/reaper.js';
import { chooseServer, embeddedServer, type ChosenServer } from './choose-server.js';
import { redactText } from '@lanecast/server/core/redact';
import { parseRtspUrl, probeRtsp } from './rtsp-probe.js';

export interface StartStreamsOptions {
  /** How many streams. */
  count: number;
  /** At least one file; stream n shows clip `n % clips.length`. */
  clips: readonly string[];
  /** Where the server is or shall be. Default `rtsp://127.0.0.1:8554`; of `embedded`: loopback, a free port. */
  base?: string | undefined;
  /** `auto` takes a running server, MediaMTX or the embedded one, in this order. Default auto. */
  server?: 'auto' | 'embedded';
  /** One line per change of state. */
  log: (line: string) => void;
  env?: NodeJS.ProcessEnv;
  clock?: Clock;
}

export interface RunningStreams {
  urls: string[];
  server: { kind: ChosenServer['kind']; description: string };
  /** What publishes them, in one line. */
  publisher: string;
  /** Stops the publishers and whatever server was started. May be called twice. */
  close(): Promise<void>;
}

const READY_TIMEOUT_MS = 20_000;
const POLL_MS = 50;

/**
 * Starts the streams and waits until each can be read.
 * @throws LanecastError what choosing a server throws, and `streams-not-ready` when a stream does not come up in 20 s.
 */
export async function startStreams(options: StartStreamsOptions): Promise<RunningStreams> {
  const { count, clips, log, env = process.env, clock = systemClock } = options;
  if (clips.length === 0) throw new LanecastError('clips-missing', 'Publishing streams: no clips were given.');
  const reaper = new Reaper();
  const publishers: ClipPublisher[] = [];
  let server: ChosenServer | null = null;
  const close = async (): Promise<void> => {
    await Promise.all(publishers.map((publisher) => publisher.close()));
    await server?.close();
    reaper.close();
  };
  try {
    server = await openServer(options, reaper);
    const { binary: ffmpeg, description } = await findFfmpeg(env);
    const urls = Array.from({ length: count }, (_, index) => `${server!.base}/stream${index}`);
    for (const [index, url] of urls.entries()) {
      publishers.push(publishClip({ clip: clips[index % clips.length]!, url, ffmpeg, reaper, log }));
    }
    await Promise.all(urls.map((url) => untilReadable(url, clock)));
    const publisher = ffmpeg === null ? `FFmpeg's libraries in this process (${description})` : description;
    return { urls, server: { kind: server.kind, description: server.description }, publisher, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function openServer(options: StartStreamsOptions, reaper: Reaper): Promise<ChosenServer> {
  const { base, server = 'auto', env = process.env } = options;
  if (server === 'auto') return chooseServer({ base, reaper, env });
  const { host, port } = parseRtspUrl(base ?? 'rtsp://127.0.0.1:0');
  return embeddedServer(host, port, 'asked for');
}

/** Polls until the server knows the path; 401 will do: it is there, for those who may read. */
async function untilReadable(url: string, clock: Clock): Promise<void> {
  const deadlineMs = clock.nowMs() + READY_TIMEOUT_MS;
  for (;;) {
    const answer = await probeRtsp(url, 'DESCRIBE');
    if (answer === 200 || answer === 401) return;
    if (clock.nowMs() >= deadlineMs) {
      throw new LanecastError(
        'streams-not-ready',
        `Publishing streams: ${redactText(url)} answers "${answer}" after ${READY_TIMEOUT_MS / 1000} s. ` +
          'The lines above say what the publisher met.',
      );
    }
    await new Promise<void>((resolve) => clock.after(POLL_MS, resolve));
  }
}
