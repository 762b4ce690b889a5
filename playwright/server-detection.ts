import { execFileSync } from 'node:child_process';
import type { PipelineModel } from '@lanecast/models/describe';
import { letterbox, toSource } from '@lanecast/server/core/geometry';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** One picture as a decoder hands it out: planar I420, BT.709, limited range. */
export interface Picture {
  data: Buffer;
  width: number;
  height: number;
}

/** A candidate of the network before suppression; centre and sides in source pixels. */
export interface Candidate {
  box: [x: number, y: number, width: number, height: number];
  score: number;
  classIndex: number;
}

const ffmpeg = (args: readonly string[], input?: Buffer): Buffer =>
  execFileSync('ffmpeg', ['-v', 'error', ...args, '-f', 'rawvideo', '-'], {
    maxBuffer: 1 << 26,
    ...(input && { input }),
  });

/** A frame of a clip, scaled to the size given. */
export function pictureOf(clip: string, seconds: number, width: number, height: number): Picture {
  const filter = `scale=${width}:${height}:flags=bilinear,format=yuv420p`;
  return { data: ffmpeg(['-ss', String(seconds), '-i', clip, '-frames:v', '1', '-vf', filter]), width, height };
}

/**
 * What the server makes of a picture: its letterbox (swscale, bilinear, NV12), its `nv12` graph, onnxruntime-node on the
 * CPU. Candidates from `fromScore` on.
 */
export async function detectAsServer(
  { path, description }: { path: string; description: PipelineModel },
  picture: Picture,
  fromScore: number,
): Promise<Candidate[]> {
  const { width, height, candidateCount } = description;
  const box = letterbox(picture.width, picture.height, width, height);
  const filter =
    `scale=${box.contentWidth}:${box.contentHeight}:flags=bilinear,` +
    `pad=${width}:${height}:${box.contentX}:${box.contentY}:color=0x727272,format=nv12`;
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${picture.width}x${picture.height}`, '-i', '-'];
  const nv12 = new Uint8Array(ffmpeg([...raw, '-vf', filter], picture.data));
  const session = await InferenceSession.create(path, { logSeverityLevel: 3 });
  try {
    const feeds = { [description.inputName]: new Tensor('uint8', nv12, [1, height * 1.5, width]) };
    const output = (await session.run(feeds))[description.outputName]!.data as Float32Array;
    const candidates: Candidate[] = [];
    for (let i = 0; i < candidateCount; i++) {
      const [cx, cy, w, h, score, classIndex] = [0, 1, 2, 3, 4, 5].map((c) => output[c * candidateCount + i]!) as [
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      if (score < fromScore) continue;
      const [x, y] = toSource(box, cx, cy);
      const [left, top] = toSource(box, cx - w / 2, cy - h / 2);
      candidates.push({ box: [x, y, 2 * (x - left), 2 * (y - top)], score, classIndex });
    }
    return candidates;
  } finally {
    await session.release();
  }
}

/** A browser's rows (shares of the picture) as candidates. */
export function candidatesOf(rows: readonly number[], { width, height }: Picture): Candidate[] {
  return Array.from({ length: rows.length / 6 }, (_, k) => {
    const [x, y, w, h, score, classIndex] = rows.slice(6 * k, 6 * k + 6) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    return { box: [x * width, y * height, w * width, h * height], score, classIndex };
  });
}

/**
 * The largest differences between two lists: each candidate of one from `fromScore` on is held against the nearest of
 * the other. The lists must go some way below `fromScore`.
 */
export function differences(
  a: readonly Candidate[],
  b: readonly Candidate[],
  fromScore: number,
): { compared: number; boxPx: number; score: number } {
  const found = { compared: 0, boxPx: 0, score: 0 };
  for (const [list, other] of [
    [a, b],
    [b, a],
  ] as const)
    for (const one of list.filter(({ score }) => score >= fromScore)) {
      const distances = other.map((two) => ({
        boxPx: Math.max(...one.box.map((value, side) => Math.abs(value - two.box[side]!))),
        score: Math.abs(one.score - two.score),
      }));
      // Neighbouring cells may give nearly the same box; the score tells them apart.
      const [nearest] = distances.sort((p, q) => p.boxPx + 10 * p.score - (q.boxPx + 10 * q.score));
      found.compared++;
      found.boxPx = Math.max(found.boxPx, nearest?.boxPx ?? Infinity);
      found.score = Math.max(found.score, nearest?.score ?? 1);
    }
  return found;
}
