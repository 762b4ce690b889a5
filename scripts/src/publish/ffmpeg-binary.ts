/** Finds the ffmpeg program, and says which one it is and why. */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '@lanecast/server/core/errors';

export type FfmpegSource = 'FFMPEG_BIN' | 'ffmpeg-static' | 'PATH';

export interface FfmpegBinary {
  path: string;
  source: FfmpegSource;
  /** As it says itself: `5.1.9-0+deb12u1`. */
  version: string;
}

export interface FfmpegSearch {
  /** null: no ffmpeg here. */
  binary: FfmpegBinary | null;
  /** One line: which one was taken, and what was wrong with those that come before it. */
  description: string;
}

/** Where to look; each returns an existing executable's path, or throws with the reason why there is none. */
export type FfmpegCandidates = readonly { source: FfmpegSource; locate: () => Promise<string> }[];

const VERSION_TIMEOUT_MS = 10_000;

/**
 * The first ffmpeg that runs: `FFMPEG_BIN`, then the package `ffmpeg-static` if its download is there, then PATH.
 * Never throws: `description` says what was tried.
 */
export async function findFfmpeg(
  env: NodeJS.ProcessEnv = process.env,
  candidates: FfmpegCandidates = standardCandidates(env),
): Promise<FfmpegSearch> {
  const misses: string[] = [];
  for (const { source, locate } of candidates) {
    try {
      const path = await locate();
      const version = await versionOf(path);
      const passedOver = misses.length === 0 ? '' : ` (${misses.join('; ')})`;
      return {
        binary: { path, source, version },
        description: `ffmpeg ${version} from ${source}: ${path}${passedOver}`,
      };
    } catch (error) {
      misses.push(`${source}: ${messageOf(error)}`);
    }
  }
  return { binary: null, description: `no ffmpeg: ${misses.join('; ')}` };
}

function standardCandidates(env: NodeJS.ProcessEnv): FfmpegCandidates {
  return [
    {
      source: 'FFMPEG_BIN',
      locate: async () => {
        const path = env['FFMPEG_BIN'];
        if (path === undefined || path === '') throw new Error('not set');
        return requireExecutable(path);
      },
    },
    { source: 'ffmpeg-static', locate: () => requireExecutable(ffmpegStaticPath()) },
    { source: 'PATH', locate: () => findOnPath('ffmpeg', env) },
  ];
}

/** Computed, not taken from the package's export: that one is overridden by FFMPEG_BIN. */
function ffmpegStaticPath(): string {
  let manifest: string;
  try {
    manifest = createRequire(import.meta.url).resolve('ffmpeg-static/package.json');
  } catch {
    throw new Error('not installed');
  }
  return join(dirname(manifest), process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg');
}

async function requireExecutable(path: string): Promise<string> {
  try {
    await access(path, constants.X_OK);
  } catch {
    throw new Error(`${path} is not an executable file`);
  }
  return path;
}

/**
 * The full path of a program on PATH.
 * @throws Error when there is none.
 */
export async function findOnPath(program: string, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const name = process.platform === 'win32' ? `${program}.exe` : program;
  for (const directory of (env['PATH'] ?? '').split(delimiter)) {
    if (directory === '') continue;
    try {
      return await requireExecutable(join(directory, name));
    } catch {
      // The next one.
    }
  }
  throw new Error(`no ${program} on PATH`);
}

async function versionOf(path: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(path, ['-version'], { timeout: VERSION_TIMEOUT_MS });
    const version = /^ffmpeg version (\S+)/.exec(stdout)?.[1];
    if (version !== undefined) return version;
  } catch {
    // Said below.
  }
  throw new Error(`${path} does not run as ffmpeg`);
}
