/** Chooses the RTSP server that streams are published to. */
import { LanecastError, messageOf } from '@lanecast/server/core/errors';
import { findOnPath } from '../publish/ffmpeg-binary.js';
import type { Reaper } from '../publish/reaper.js';
import { RtspServer } from '../rtsp-server/server.js';
import { startMediaMtx } from './mediamtx.js';
import { parseRtspUrl, probeRtsp } from './rtsp-probe.js';

export const DEFAULT_RTSP_BASE = 'rtsp://127.0.0.1:8554';

export interface ChosenServer {
  kind: 'running' | 'mediamtx' | 'embedded';
  /** Without a slash at its end; a stream's URL is `${base}/${name}`. */
  base: string;
  /** One line for people. */
  description: string;
  /** Ends what was started here; leaves a server that ran before alone. May be called twice. */
  close(): Promise<void>;
}

export interface ChooseServerOptions {
  /** Default `rtsp://127.0.0.1:8554`. */
  base?: string | undefined;
  reaper: Reaper;
  env?: NodeJS.ProcessEnv;
}

/**
 * The server that already runs at the base; else MediaMTX, started there, when it is on PATH; else the embedded one.
 * @throws LanecastError `rtsp-url`, `rtsp-server-listen` (the port is held by something else), `rtsp-base-unreachable`
 * (nobody answers at another machine), `mediamtx-start`.
 */
export async function chooseServer(options: ChooseServerOptions): Promise<ChosenServer> {
  const base = (options.base ?? DEFAULT_RTSP_BASE).replace(/\/+$/, '');
  const { host, port } = parseRtspUrl(base);
  const place = `${host}:${port}`;
  const answer = port === 0 ? 'refused' : await probeRtsp(`rtsp://${place}/`, 'OPTIONS');
  if (typeof answer === 'number') {
    return {
      kind: 'running',
      base,
      description: `the RTSP server that runs at ${place}`,
      close: () => Promise.resolve(),
    };
  }
  if (answer !== 'refused' && (answer === 'not-rtsp' || isLoopback(host))) {
    throw new LanecastError(
      'rtsp-server-listen',
      `Looking for an RTSP server at ${place}: the port is in use by something that does not speak RTSP. ` +
        'Choose another one with --rtsp-base.',
    );
  }
  if (!isLoopback(host)) {
    throw new LanecastError(
      'rtsp-base-unreachable',
      `Looking for an RTSP server at ${place}: nobody answers. Start one there, or leave --rtsp-base out.`,
    );
  }
  return startServer(host, port, options);
}

async function startServer(host: string, port: number, { reaper, env }: ChooseServerOptions): Promise<ChosenServer> {
  let program: string;
  try {
    program = await findOnPath('mediamtx', env);
  } catch (error) {
    return embeddedServer(host, port, messageOf(error));
  }
  const server = await startMediaMtx(program, host, port, reaper);
  const description = `MediaMTX (${program}) at ${host}:${port}`;
  return { kind: 'mediamtx', base: `rtsp://${hostPart(host)}:${port}`, description, close: () => server.close() };
}

/** The embedded server; port 0 takes a free one. `reason` says why it is this one. */
export async function embeddedServer(host: string, port: number, reason: string): Promise<ChosenServer> {
  const server = await RtspServer.listen({ host, port });
  return {
    kind: 'embedded',
    base: `rtsp://${hostPart(host)}:${server.port}`,
    description: `the embedded RTSP server at ${host}:${server.port} (${reason})`,
    close: () => server.close(),
  };
}

function hostPart(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
