/** One case from raw files: `bench:nms -- --boxes FILE --scores FILE --iou T --backend B --out FILE`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { nmsTimed, type NmsBackend } from '@lanecast/native';
import { LanecastError, messageOf } from '@lanecast/server/core/errors';
import { measure, type Timing } from './timing.js';

/** What is written: the kept indices by falling score, and how long it took. */
export interface RawCaseResult {
  boxes: number;
  iouThreshold: number;
  scoreThreshold: number | null;
  backend: NmsBackend;
  kept: number[];
  endToEnd: Timing;
  /** First kernel's start to last kernel's end; null unless CUDA did it. */
  kernel: Timing | null;
}

/** The float32 numbers (little-endian) of a file. Throws a LanecastError `file-access` or `file-size`. */
export function readFloats(path: string, group: number): Float32Array {
  let bytes;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new LanecastError('file-access', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
  if (bytes.length % (4 * group) !== 0) {
    const unit = group === 1 ? 'a float32 is 4 bytes' : `${group} float32 make ${4 * group} bytes`;
    throw new LanecastError('file-size', `${path} has ${bytes.length} bytes, which is no whole number: ${unit}`);
  }
  const values = new Float32Array(bytes.length / 4);
  for (let i = 0; i < values.length; i++) values[i] = bytes.readFloatLE(4 * i);
  return values;
}

export interface RawCase {
  boxesPath: string;
  scoresPath: string;
  iouThreshold: number;
  scoreThreshold?: number;
  backend: NmsBackend | 'auto';
  runs: number;
}

export function runRawCase({ boxesPath, scoresPath, runs, ...options }: RawCase): RawCaseResult {
  const boxes = readFloats(boxesPath, 4);
  const scores = readFloats(scoresPath, 1);
  if (boxes.length !== 4 * scores.length)
    throw new LanecastError(
      'file-size',
      `${boxesPath} has ${boxes.length / 4} boxes, but ${scoresPath} has ${scores.length} scores`,
    );
  const { iouThreshold, scoreThreshold, backend } = options;
  const settings = { iouThreshold, backend, ...(scoreThreshold !== undefined && { scoreThreshold }) };
  const first = nmsTimed(boxes, scores, settings);
  const limits = { runs, budgetMs: 5000 };
  const endToEnd = measure(() => void nmsTimed(boxes, scores, settings), limits);
  const kernel = first.kernelMs === null ? null : measure(() => nmsTimed(boxes, scores, settings).kernelMs!, limits);
  return {
    boxes: scores.length,
    iouThreshold,
    scoreThreshold: scoreThreshold ?? null,
    backend: first.backend,
    kept: [...first.kept],
    endToEnd,
    kernel,
  };
}

export function writeRawCase(path: string, result: RawCaseResult): void {
  try {
    writeFileSync(path, `${JSON.stringify(result)}\n`);
  } catch (cause) {
    throw new LanecastError('file-access', `cannot write ${path}: ${messageOf(cause)}`, { cause });
  }
}
