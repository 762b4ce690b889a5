/** Non-maximum suppression: one image or many, now or as a promise. nms-reference.ts defines the result. */
import { addon, BACKEND_NUMBERS, type RawResult, type Settings } from './addon.js';
import { checkBatch, checkBoxes, checkOptions } from './arguments.js';
import { resolveBackend, warnOfCudaFailure } from './backends.js';
import { ReferenceNms } from './nms-reference.js';
import type { NmsBackend, NmsBatch, NmsOptions, SingleNmsOptions, TimedNms } from './types.js';

/** @internal */
export const backendOf = (number: number): NmsBackend => (number === BACKEND_NUMBERS.cuda ? 'cuda' : 'cpu');

/** @internal */
export function settingsOf(options: NmsOptions, backend: 'auto' | 'cpu' | 'cuda', timing = false): Settings {
  const { iouThreshold, scoreThreshold = -Infinity, maxDetections = 0 } = options;
  return Float64Array.of(iouThreshold, scoreThreshold, maxDetections, BACKEND_NUMBERS[backend], Number(timing));
}

const reference = new ReferenceNms();

function runReference({ boxes, scores, classes, offsets }: NmsBatch, options: NmsOptions): Int32Array[] {
  const { iouThreshold, scoreThreshold = -Infinity, maxDetections } = options;
  const results: Int32Array[] = [];
  for (let b = 0; b + 1 < offsets.length; b++) {
    const begin = offsets[b]!;
    const end = offsets[b + 1]!;
    const count = end - begin;
    const kept = new Int32Array(Math.min(count, maxDetections ?? count));
    const keptCount = reference.suppress(
      {
        count,
        boxes: boxes.subarray(4 * begin, 4 * end),
        scores: scores.subarray(begin, end),
        classes: classes?.subarray(begin, end) ?? null,
        iouThreshold,
        scoreThreshold,
      },
      kept,
    );
    results.push(kept.slice(0, keptCount));
  }
  return results;
}

function perImage([kept, offsets]: RawResult): Int32Array[] {
  const results: Int32Array[] = [];
  for (let b = 0; b + 1 < offsets.length; b++) results.push(kept.subarray(offsets[b], offsets[b + 1]));
  return results;
}

function timed(raw: RawResult): TimedNms<Int32Array[]> {
  const backend = backendOf(raw[2]);
  if (backend === 'cpu') warnOfCudaFailure();
  return { kept: perImage(raw), backend, kernelMs: backend === 'cuda' ? raw[3] : null };
}

function run(batch: NmsBatch, options: NmsOptions, timing: boolean): TimedNms<Int32Array[]> {
  const backend = resolveBackend(options.backend);
  if (batch.offsets.length === 1) return { kept: [], backend: backend === 'cuda' ? 'cuda' : 'cpu', kernelMs: null };
  if (backend === null || !addon) return { kept: runReference(batch, options), backend: 'typescript', kernelMs: null };
  const { boxes, scores, classes, offsets } = batch;
  return timed(addon.suppress(boxes, scores, classes ?? null, offsets, settingsOf(options, backend, timing)));
}

async function runAsync(batch: NmsBatch, options: NmsOptions): Promise<Int32Array[]> {
  const backend = resolveBackend(options.backend);
  if (batch.offsets.length === 1) return [];
  if (backend === null || !addon) return runReference(batch, options);
  const { boxes, scores, classes, offsets } = batch;
  return timed(await addon.suppressAsync(boxes, scores, classes ?? null, offsets, settingsOf(options, backend))).kept;
}

function single(boxes: Float32Array, scores: Float32Array, options: SingleNmsOptions): NmsBatch {
  checkOptions(options);
  checkBoxes(boxes, scores, options.classes);
  return { boxes, scores, classes: options.classes, offsets: Uint32Array.of(0, scores.length) };
}

/**
 * The kept boxes' indices by falling score (ties by index). `boxes`: [N, 4] as x1, y1, x2, y2; `scores`: [N].
 * Throws a TypeError for a wrong type or length, a RangeError for a number out of range.
 */
export function nms(boxes: Float32Array, scores: Float32Array, options: SingleNmsOptions): Int32Array {
  return run(single(boxes, scores, options), options, false).kept[0]!;
}

/** `nms` with the backend that did it and the device's time. Measuring the latter costs a little. */
export function nmsTimed(boxes: Float32Array, scores: Float32Array, options: SingleNmsOptions): TimedNms<Int32Array> {
  const result = run(single(boxes, scores, options), options, true);
  return { ...result, kept: result.kept[0]! };
}

/** `nms` on a thread of the pool. The arrays are copied before it returns: they may be changed or transferred. */
export async function nmsAsync(
  boxes: Float32Array,
  scores: Float32Array,
  options: SingleNmsOptions,
): Promise<Int32Array> {
  const [kept] = await runAsync(single(boxes, scores, options), options);
  return kept!;
}

/** Many images in one call: each image's kept boxes, relative to its first. The arrays returned share one buffer. */
export function nmsBatch(batch: NmsBatch, options: NmsOptions): Int32Array[] {
  return nmsBatchTimed(batch, options, false).kept;
}

/** `nmsBatch` with the backend that did it and, unless `timing` is false, the device's time. */
export function nmsBatchTimed(batch: NmsBatch, options: NmsOptions, timing = true): TimedNms<Int32Array[]> {
  checkOptions(options);
  checkBatch(batch);
  return run(batch, options, timing);
}

/** `nmsBatch` on a thread of the pool. The arrays are copied before it returns: they may be changed or transferred. */
export async function nmsBatchAsync(batch: NmsBatch, options: NmsOptions): Promise<Int32Array[]> {
  checkOptions(options);
  checkBatch(batch);
  return runAsync(batch, options);
}
