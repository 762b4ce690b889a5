/** Clips with known truth, made here: for tests, and for the demo where there are no real ones. */
import { createHash } from 'node:crypto';
import { access, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LanecastError } from '@lanecast/server/core/errors';
import { clipCacheDirectory } from './cache-directory.js';
import { encodeClip } from './encoder.js';
import { Painter } from './painter.js';
import { drawFrameCounter, frameCounterLayout } from '@lanecast/server/core/frame-counter';
import { seededRandom } from '@lanecast/server/core/random';
import { boxesAt, standardBoxes, type MovingBox, type Scene, type TruthBox } from './scene.js';

export interface SyntheticClipOptions {
  /** Even. Default 640 x 360. */
  widthPx?: number;
  heightPx?: number;
  /** Whole number; also the GOP's length, so that keyframes come once a second. Default 25. */
  fps?: number;
  /** Whole number of frames. Default 10. */
  durationS?: number;
  /** Texture, and the boxes where none are given. Default 1. */
  seed?: number;
  /** Default: four lanes from the seed. */
  boxes?: readonly MovingBox[];
  /** Default h264 (main profile). */
  codec?: 'h264' | 'h265';
  /** B-frames between two others. Default 0. */
  bFrames?: number;
  /** Default mp4. */
  container?: 'mp4' | 'annexb';
  /** Whether each picture bears its number, machine-readable (frame-counter.ts of the server). Default no. */
  counter?: boolean;
  /** Where to keep it. Default: the user's cache directory. */
  cacheDir?: string;
}

export interface SyntheticClip {
  path: string;
  widthPx: number;
  heightPx: number;
  fps: number;
  durationS: number;
  boxes: readonly MovingBox[];
  /** The boxes of each frame; frame n shows the scene at n / fps seconds. */
  truth: TruthBox[][];
}

/** Part of the cache's key: raise it when the same options would make another clip. */
const GENERATOR_VERSION = 1;

/**
 * The clip that `options` describe, with its truth; made once and kept. It loops without a seam, and the same options
 * give the same clip.
 * @throws LanecastError `clip-options`, `clip-too-short` (a box cannot cross in time), `clip-encode`.
 */
export async function syntheticClip(options: SyntheticClipOptions = {}): Promise<SyntheticClip> {
  const { widthPx = 640, heightPx = 360, fps = 25, durationS = 10, seed = 1, codec = 'h264', bFrames = 0 } = options;
  const { container = 'mp4', counter = false } = options;
  requireValid(widthPx, heightPx, fps, durationS);
  const random = seededRandom(seed);
  const boxes = options.boxes ?? standardBoxes(heightPx, random);
  const scene: Scene = { widthPx, heightPx, durationS, boxes };
  const frameCount = Math.round(fps * durationS);
  const truth = Array.from({ length: frameCount }, (_, frameNo) => boxesAt(scene, frameNo / fps));

  const recipe = { GENERATOR_VERSION, widthPx, heightPx, fps, durationS, seed, boxes, codec, bFrames, container };
  // The key of clips without a counter stays as it was.
  const keyed = counter ? { ...recipe, counter } : recipe;
  const key = createHash('sha256').update(JSON.stringify(keyed)).digest('hex').slice(0, 16);
  const extension = container === 'mp4' ? 'mp4' : codec === 'h264' ? '264' : '265';
  const directory = options.cacheDir ?? (await clipCacheDirectory());
  const path = join(directory, `synthetic-${codec}-${widthPx}x${heightPx}-${key}.${extension}`);
  if (!(await exists(path))) {
    const painter = new Painter(widthPx, heightPx, random);
    const encoding = { codec, widthPx, heightPx, fps, gopLength: fps, bFrames, container };
    await writeWhole(path, (partial) =>
      encodeClip(partial, paintAll(painter, truth, boxes, counter ? widthPx : null), encoding),
    );
  }
  return { path, widthPx, heightPx, fps, durationS, boxes, truth };
}

/** @param counterWidthPx the picture's width, where its number shall be on it. */
function* paintAll(
  painter: Painter,
  truth: readonly TruthBox[][],
  boxes: readonly MovingBox[],
  counterWidthPx: number | null,
): Generator<Buffer> {
  for (const [frameNo, shown] of truth.entries()) {
    const picture = painter.paint(shown, boxes);
    if (counterWidthPx !== null) drawCounter(picture, counterWidthPx, frameNo);
    yield picture;
  }
}

/** The number's strip, in luma of limited range. */
function drawCounter(picture: Buffer, widthPx: number, frameNo: number): void {
  const { coveredWidthPx, coveredHeightPx } = frameCounterLayout(widthPx);
  const rgb = new Uint8Array(3 * widthPx * coveredHeightPx);
  drawFrameCounter(rgb, widthPx, frameNo);
  for (let y = 0; y < coveredHeightPx; y++)
    for (let x = 0; x < coveredWidthPx; x++) picture[y * widthPx + x] = rgb[3 * (y * widthPx + x)]! > 0 ? 235 : 16;
}

/** Lets `write` fill a file beside `path`, and moves it there when it is whole. */
async function writeWhole(path: string, write: (partialPath: string) => Promise<void>): Promise<void> {
  const partialPath = `${path}.${process.pid}-${Date.now()}.part`;
  try {
    await write(partialPath);
    await rename(partialPath, path);
  } finally {
    await rm(partialPath, { force: true });
  }
}

function requireValid(widthPx: number, heightPx: number, fps: number, durationS: number): void {
  const isEven = (value: number): boolean => Number.isInteger(value) && value >= 16 && value % 2 === 0;
  const isWhole = (value: number): boolean => value >= 1 && Math.abs(value - Math.round(value)) < 1e-9;
  if (isEven(widthPx) && isEven(heightPx) && Number.isInteger(fps) && fps >= 1 && isWhole(fps * durationS)) return;
  throw new LanecastError(
    'clip-options',
    `Making a clip of ${widthPx}x${heightPx}, ${fps} fps, ${durationS} s: sides must be even and at least 16, ` +
      'the rate a whole number, and the duration a whole number of frames.',
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
