/** Cuts a part of a video into a clip of the form that the demo publishes. */
import { execFile } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { LanecastError, messageOf } from '@lanecast/server/core/errors';
import type { FfmpegBinary } from '../publish/ffmpeg-binary.js';
import { inspectVideo, type VideoFacts } from './inspect-video.js';

export const CLIP_FORMAT = { widthPx: 640, heightPx: 360, fps: 25, durationS: 20 } as const;

const TIMEOUT_MS = 10 * 60_000;

export interface SliceOptions {
  ffmpeg: FfmpegBinary;
  video: string;
  startS: number;
  durationS: number;
  /** The clip; appears only when it is whole and of the right form. */
  path: string;
}

/** @throws LanecastError `slice-failed` when ffmpeg fails or its result is not what was asked for. */
export async function sliceVideo(options: SliceOptions): Promise<void> {
  const { ffmpeg, video, durationS, path } = options;
  const partialPath = `${path}.part`;
  try {
    await promisify(execFile)(ffmpeg.path, sliceArguments(options, partialPath), { timeout: TIMEOUT_MS });
    const fault = clipFault(await inspectVideo(partialPath), durationS);
    if (fault !== null) throw new Error(`the result ${fault}`);
    await rename(partialPath, path);
  } catch (cause) {
    const reason = messageOf(cause).trim().split('\n').at(-1) ?? '';
    throw new LanecastError('slice-failed', `Cutting a clip from ${video} with ${ffmpeg.path}: ${reason}`, { cause });
  } finally {
    await rm(partialPath, { force: true });
  }
}

function sliceArguments({ video, startS, durationS }: SliceOptions, output: string): string[] {
  const { widthPx, heightPx, fps } = CLIP_FORMAT;
  const size = `${widthPx}:${heightPx}`;
  const filter = `fps=${fps},scale=${size}:force_original_aspect_ratio=increase:out_color_matrix=bt709:out_range=tv,crop=${size},setsar=1`;
  const input = ['-ss', String(startS), '-i', video, '-map', '0:v:0', '-frames:v', String(frameCount(durationS))];
  const coding = ['-c:v', 'libx264', '-profile:v', 'main', '-preset', 'medium', '-crf', '21', '-pix_fmt', 'yuv420p'];
  const gop = ['-bf', '0', '-g', String(fps), '-keyint_min', String(fps), '-sc_threshold', '0'];
  const colour = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'];
  const file = ['-map_metadata', '-1', '-movflags', '+faststart', '-f', 'mp4', '-y', output];
  return [
    '-hide_banner',
    '-nostdin',
    '-loglevel',
    'error',
    ...input,
    '-vf',
    filter,
    ...coding,
    ...gop,
    ...colour,
    ...file,
  ];
}

function frameCount(durationS: number): number {
  return Math.floor(durationS * CLIP_FORMAT.fps);
}

/** What is wrong with a clip ("is 320x240"), or null. It may be two frames short where the video ended. */
export function clipFault(facts: VideoFacts, durationS: number): string | null {
  const { widthPx, heightPx, fps } = CLIP_FORMAT;
  if (!facts.isH264) return 'is not H.264';
  if (facts.widthPx !== widthPx || facts.heightPx !== heightPx) return `is ${facts.widthPx}x${facts.heightPx}`;
  if (Math.abs(facts.fps - fps) > 0.01) return `has ${facts.fps.toFixed(2)} frames a second`;
  if (facts.reorderDepth !== 0) return 'has B-frames';
  const missing = frameCount(durationS) - facts.frames;
  return missing >= 0 && missing <= 2 ? null : `has ${facts.frames} frames, not ${frameCount(durationS)}`;
}
