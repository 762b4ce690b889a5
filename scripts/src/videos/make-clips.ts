/** Fills a directory with clips cut from videos; clips that are there and right stay. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FfmpegBinary } from '../publish/ffmpeg-binary.js';
import { inspectVideo } from './inspect-video.js';
import { planSlices } from './plan-slices.js';
import { CLIP_FORMAT, clipFault, sliceVideo } from './slice-video.js';

export interface SourceVideo {
  path: string;
  /** Said in the directory's list of clips. */
  licence: string;
  attribution: string;
}

/** What a clip was made from, as `clips.json` beside the clips says it. */
interface ClipRecord {
  file: string;
  video: string;
  startS: number;
  durationS: number;
  licence: string;
  attribution: string;
}

export interface MakeClipsOptions {
  ffmpeg: FfmpegBinary;
  videos: readonly SourceVideo[];
  directory: string;
  count: number;
  log: (line: string) => void;
}

const LIST_NAME = 'clips.json';

/** Makes `clip0.mp4` ... in `directory`. @throws LanecastError `video-unreadable`, `slice-failed`. */
export async function makeClips(options: MakeClipsOptions): Promise<string[]> {
  const { ffmpeg, videos, directory, count, log } = options;
  await mkdir(directory, { recursive: true });
  const durationsS: number[] = [];
  for (const video of videos) durationsS.push((await inspectVideo(video.path)).durationS);
  const made = await readList(directory);
  const paths: string[] = [];
  for (const [index, slice] of planSlices(durationsS, count, CLIP_FORMAT.durationS).entries()) {
    const { path: video, licence, attribution } = videos[slice.video]!;
    const { startS, durationS } = slice;
    const record: ClipRecord = { file: `clip${index}.mp4`, video, startS, durationS, licence, attribution };
    const path = join(directory, record.file);
    paths.push(path);
    if (JSON.stringify(made.get(record.file)) === JSON.stringify(record) && (await isRight(path, durationS))) {
      log(`${record.file}: there`);
      continue;
    }
    await sliceVideo({ ffmpeg, video, startS, durationS, path });
    made.set(record.file, record);
    await writeList(directory, [...made.values()]);
    const short = durationS < CLIP_FORMAT.durationS ? ' (the whole video, it is short)' : '';
    log(`${record.file}: ${durationS} s from ${startS} s of ${video}${short}; ${licence}`);
  }
  return paths;
}

async function isRight(path: string, durationS: number): Promise<boolean> {
  return inspectVideo(path).then(
    (facts) => clipFault(facts, durationS) === null,
    () => false,
  );
}

async function readList(directory: string): Promise<Map<string, ClipRecord>> {
  try {
    const list = JSON.parse(await readFile(join(directory, LIST_NAME), 'utf8')) as ClipRecord[];
    return new Map(list.map((record) => [record.file, record]));
  } catch {
    // None yet, or not readable: the clips are made anew.
    return new Map();
  }
}

async function writeList(directory: string, records: ClipRecord[]): Promise<void> {
  const path = join(directory, LIST_NAME);
  await writeFile(`${path}.part`, `${JSON.stringify(records, null, 2)}\n`);
  await rename(`${path}.part`, path);
}
