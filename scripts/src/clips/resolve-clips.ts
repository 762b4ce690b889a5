/** Chooses the clips that streams show. */
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LanecastError, messageOf } from '@lanecast/server/core/errors';
import { syntheticClip } from './synthetic-clip.js';

export type ClipSource = 'given' | 'world' | 'videos' | 'synthetic';

export interface ResolvedClips {
  /** At least one path. Stream n shows clip `n % paths.length`. */
  paths: string[];
  source: ClipSource;
  /** One line for people. */
  description: string;
}

export interface ResolveClipsOptions {
  /** How many streams there will be: no more synthetic clips than this are made. */
  count: number;
  /** The directory that the user named. */
  directory?: string | undefined;
  /** Where `scripts/world/clips` and `videos` are looked for. Default: the root of this repository. */
  root?: string;
  /** Where synthetic clips are kept. Default: the user's cache directory. */
  cacheDir?: string;
}

const MAX_SYNTHETIC_CLIPS = 8;
const CLIP_NAME = /\.(mp4|mkv|mov)$/i;

/** `scripts/dist/clips/` -> the root. */
const REPOSITORY_ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * The clips of the directory named; else of `scripts/world/clips`; else of `videos` (which `npm run download-videos`
 * fills); else synthetic ones, which are made now if they are not there yet.
 * @throws LanecastError `clips-directory` when the named directory cannot be read or has no clips.
 */
export async function resolveClips(options: ResolveClipsOptions): Promise<ResolvedClips> {
  const { count, directory, root = REPOSITORY_ROOT } = options;
  if (directory !== undefined) return givenClips(resolve(directory));
  const world = await clipsIn(join(root, 'scripts', 'world', 'clips')).catch(() => []);
  if (world.length > 0) {
    return { paths: world, source: 'world', description: `${world.length} clips of the simulated world` };
  }
  const videos = await clipsIn(join(root, 'videos')).catch(() => []);
  if (videos.length > 0) {
    return { paths: videos, source: 'videos', description: `${videos.length} clips in videos/` };
  }
  return syntheticClips(Math.min(Math.max(count, 1), MAX_SYNTHETIC_CLIPS), options.cacheDir);
}

async function givenClips(directory: string): Promise<ResolvedClips> {
  let paths: string[];
  try {
    paths = await clipsIn(directory);
  } catch (cause) {
    throw new LanecastError('clips-directory', `Looking for clips in ${directory}: ${messageOf(cause)}`, { cause });
  }
  if (paths.length === 0) {
    throw new LanecastError('clips-directory', `Looking for clips in ${directory}: it has no .mp4, .mkv or .mov file.`);
  }
  return { paths, source: 'given', description: `${paths.length} clips in ${directory}` };
}

async function syntheticClips(clipCount: number, cacheDir: string | undefined): Promise<ResolvedClips> {
  const paths: string[] = [];
  for (let seed = 1; seed <= clipCount; seed++) {
    const clip = await syntheticClip(cacheDir === undefined ? { seed } : { seed, cacheDir });
    paths.push(clip.path);
  }
  const description =
    `${clipCount} synthetic clips of moving rectangles, in which a vehicle detector finds nothing of note ` +
    '(no real ones here: name a directory with --clips, or run `npm run download-videos`)';
  return { paths, source: 'synthetic', description };
}

async function clipsIn(directory: string): Promise<string[]> {
  const names = await readdir(directory);
  return names
    .filter((name) => CLIP_NAME.test(name))
    .sort()
    .map((name) => join(directory, name));
}
