import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** The folder of stock models and clips; tests skip where it is not. */
export const SHARED = process.env['LANECAST_SHARED'] ?? join(import.meta.dirname, '../../../shared');
export const STOCK = join(SHARED, 'models/yolov8n.onnx');
export const STOCK_DYNAMIC = join(SHARED, 'models/yolov8n-dynamic.onnx');
const FFMPEG = process.env['FFMPEG_BIN'] ?? 'ffmpeg';

/** What is missing for tests on real pictures; the empty string if nothing is. */
export const MISSING = [
  ...(existsSync(STOCK) ? [] : ['../shared/models']),
  ...(existsSync(join(SHARED, 'videos')) ? [] : ['../shared/videos']),
  ...(spawnSync(FFMPEG, ['-version']).status === 0 ? [] : ['ffmpeg']),
].join(', ');

/** One frame of a clip as NV12, limited range, letterboxed with grey: `height * 1.5 * width` bytes. */
export function frameOf(clip: string, seconds: number, height: number, width: number): Uint8Array {
  const filter =
    `scale=${width}:${height}:force_original_aspect_ratio=decrease:force_divisible_by=2:out_range=tv,` +
    `pad=${width}:${height}:(ow-iw)/4*2:(oh-ih)/4*2:color=0x727272,format=nv12`;
  const args = ['-v', 'error', '-ss', String(seconds), '-i', join(SHARED, 'videos', clip), '-frames:v', '1'];
  return execFileSync(FFMPEG, [...args, '-vf', filter, '-f', 'rawvideo', '-'], { maxBuffer: 1 << 26 });
}

/** RGB planes, 0..1, of an NV12 picture: BT.709, limited range, chroma repeated; written down independently. */
export function toRgb(nv12: Uint8Array, height: number, width: number): Float32Array {
  const plane = height * width;
  const rgb = new Float32Array(3 * plane);
  const clip = (value: number) => Math.min(1, Math.max(0, value / 255));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const chroma = plane + (y >> 1) * width + 2 * (x >> 1);
      const luma = (255 / 219) * (nv12[y * width + x]! - 16);
      const cb = nv12[chroma]! - 128;
      const cr = nv12[chroma + 1]! - 128;
      const at = y * width + x;
      rgb[at] = clip(luma + 1.7927411 * cr);
      rgb[plane + at] = clip(luma - 0.2132486 * cb - 0.5329093 * cr);
      rgb[2 * plane + at] = clip(luma + 2.1124018 * cb);
    }
  }
  return rgb;
}

export type Feed = Record<string, { data: Uint8Array | Float32Array; dims: number[] }>;

/** Runs a model once and returns its outputs' values. */
export async function runModel(model: Uint8Array, feed: Feed): Promise<Record<string, Float32Array>> {
  const session = await InferenceSession.create(model, { logSeverityLevel: 3 });
  try {
    const feeds = Object.entries(feed).map(([name, { data, dims }]): [string, Tensor] => [
      name,
      data instanceof Uint8Array ? new Tensor('uint8', data, dims) : new Tensor('float32', data, dims),
    ]);
    const outputs = await session.run(Object.fromEntries(feeds));
    return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, tensor.data as Float32Array]));
  } finally {
    await session.release();
  }
}

/** One candidate in the pipeline format. */
export interface Candidate {
  box: [cx: number, cy: number, width: number, height: number];
  score: number;
  classIndex: number;
}

export function candidates(output: Float32Array, count: number, picture = 0): Candidate[] {
  const at = (channel: number, i: number) => output[picture * 6 * count + channel * count + i]!;
  return Array.from({ length: count }, (_, i) => ({
    box: [at(0, i), at(1, i), at(2, i), at(3, i)],
    score: at(4, i),
    classIndex: at(5, i),
  }));
}

/** COCO's places of car, motorcycle, bus, truck. */
const VEHICLES = [2, 3, 5, 7];

/** The stock output `[84,N]` in the pipeline format. */
export function stockCandidates(output: Float32Array, count: number): Candidate[] {
  const at = (channel: number, i: number) => output[channel * count + i]!;
  return Array.from({ length: count }, (_, i) => {
    const scores = VEHICLES.map((channel) => at(4 + channel, i));
    const score = Math.max(...scores);
    return { box: [at(0, i), at(1, i), at(2, i), at(3, i)], score, classIndex: scores.indexOf(score) };
  });
}

/** The largest differences between two lists: scores everywhere, boxes and classes where the score is above `from`. */
export function compare(a: readonly Candidate[], b: readonly Candidate[], from: number) {
  let score = 0;
  let box = 0;
  let compared = 0;
  let otherClass = 0;
  a.forEach((one, i) => {
    const two = b[i]!;
    score = Math.max(score, Math.abs(one.score - two.score));
    if (Math.max(one.score, two.score) < from) return;
    compared++;
    if (one.classIndex !== two.classIndex) otherClass++;
    one.box.forEach((value, side) => (box = Math.max(box, Math.abs(value - two.box[side]!))));
  });
  return { compared, score, box, otherClass };
}
