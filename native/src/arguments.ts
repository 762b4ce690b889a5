/** Checks of what callers pass. Wrong types and lengths are TypeErrors, numbers out of range RangeErrors. */
import type { NmsBatch, NmsOptions } from './types.js';

const BACKENDS: readonly unknown[] = ['auto', 'cpu', 'cuda', 'typescript', undefined];

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  const { constructor } = value as { constructor?: unknown };
  const name = typeof constructor === 'function' ? constructor.name : 'object';
  return ArrayBuffer.isView(value) ? `${name} of length ${(value as Float32Array).length}` : name;
}

export function checkFloat32Array(name: string, shape: string, value: unknown): asserts value is Float32Array {
  if (!(value instanceof Float32Array))
    throw new TypeError(`${name}: expected a Float32Array ${shape}, got ${describe(value)}`);
}

export function checkLength(name: string, shape: string, array: { length: number }, expected: number): void {
  if (array.length !== expected)
    throw new TypeError(`${name}: expected ${expected} numbers (${shape}), got ${describe(array)}`);
}

export function checkInteger(name: string, value: unknown, least: number, most: number): asserts value is number {
  if (typeof value !== 'number') throw new TypeError(`${name}: expected an integer, got ${describe(value)}`);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new RangeError(`${name}: expected an integer from ${least} to ${most}, got ${value}`);
}

export function checkOptions(options: unknown): asserts options is NmsOptions {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`options: expected an object with iouThreshold, got ${describe(options)}`);
  const { iouThreshold, scoreThreshold, maxDetections, backend } = options as Partial<Record<string, unknown>>;
  if (typeof iouThreshold !== 'number')
    throw new TypeError(`options.iouThreshold: expected a number from 0 to 1, got ${describe(iouThreshold)}`);
  if (!(iouThreshold >= 0 && iouThreshold <= 1))
    throw new RangeError(`options.iouThreshold: expected a number from 0 to 1, got ${iouThreshold}`);
  if (scoreThreshold !== undefined && typeof scoreThreshold !== 'number')
    throw new TypeError(`options.scoreThreshold: expected a number, got ${describe(scoreThreshold)}`);
  if (Number.isNaN(scoreThreshold)) throw new RangeError('options.scoreThreshold: expected a number, got NaN');
  if (maxDetections !== undefined) checkInteger('options.maxDetections', maxDetections, 1, 0xffff_ffff);
  if (!BACKENDS.includes(backend))
    throw new TypeError(`options.backend: expected 'auto', 'cpu', 'cuda' or 'typescript', got ${String(backend)}`);
}

function checkClasses(classes: unknown, count: number): void {
  if (classes === undefined) return;
  if (!(classes instanceof Int32Array))
    throw new TypeError(`classes: expected an Int32Array [${count}], got ${describe(classes)}`);
  checkLength('classes', 'one a box', classes, count);
}

export function checkBoxes(boxes: unknown, scores: unknown, classes: unknown): void {
  checkFloat32Array('boxes', '[N, 4] (x1, y1, x2, y2)', boxes);
  checkFloat32Array('scores', '[N]', scores);
  if (scores.length > 0x7fff_ffff) throw new RangeError(`scores: expected at most 2147483647, got ${scores.length}`);
  checkLength('boxes', '[N, 4], N = scores.length', boxes, 4 * scores.length);
  checkClasses(classes, scores.length);
}

export function checkBatch(batch: unknown): asserts batch is NmsBatch {
  if (typeof batch !== 'object' || batch === null)
    throw new TypeError(`batch: expected an object with boxes, scores and offsets, got ${describe(batch)}`);
  const { boxes, scores, classes, offsets } = batch as Partial<NmsBatch>;
  checkBoxes(boxes, scores, classes);
  if (!(offsets instanceof Uint32Array) || offsets.length === 0)
    throw new TypeError(`offsets: expected a Uint32Array [images + 1], got ${describe(offsets)}`);
  const total = scores!.length;
  if (offsets[0] !== 0 || offsets.at(-1) !== total)
    throw new RangeError(
      `offsets: expected to begin with 0 and end with ${total}, got ${offsets[0]!} and ${offsets.at(-1)!}`,
    );
  for (let b = 1; b < offsets.length; b++) {
    if (offsets[b]! < offsets[b - 1]!)
      throw new RangeError(
        `offsets: expected never to fall, but offsets[${b}] is ${offsets[b]!} after ${offsets[b - 1]!}`,
      );
  }
}
