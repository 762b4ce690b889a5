/** From a detector's raw output to detections: threshold, transposition and suppression in one call. */
import { addon } from './addon.js';
import { checkFloat32Array, checkInteger, checkLength, checkOptions } from './arguments.js';
import { failureReason, resolveBackend, warnOfCudaFailure } from './backends.js';
import { backendOf, settingsOf } from './nms.js';
import { ReferenceNms } from './nms-reference.js';
import type { NmsBackend, NmsOptions } from './types.js';

/** Numbers per row: x1, y1, x2, y2, score, class. */
export const ROW_FIELDS = 6;

export interface DetectNmsOptions extends NmsOptions {
  /** N of the output `[B, 6, N]`. */
  candidates: number;
  /** Candidates of a class that is not 0 <= class < classCount are left out. Default: none are. */
  classCount?: number;
  /** Only boxes of the same class suppress each other. Default: all do. */
  perClass?: boolean;
}

/**
 * Reads `[6, N]` outputs: centre x, centre y, width, height, score, class. Candidates below the score threshold, not
 * finite, without area or of a class that does not exist are left out. Allocates nothing from call to call.
 */
export class DetectNms {
  /** What ran last; before the first call, what is going to. */
  backend: NmsBackend;
  readonly maxDetections: number;
  readonly #options: DetectNmsOptions & { classCount: number };
  readonly #settings: Float64Array | null;
  readonly #twin: TypeScriptDetectNms | null;

  constructor(options: DetectNmsOptions) {
    checkOptions(options);
    checkInteger('options.candidates', options.candidates, 0, 0x1fff_ffff);
    this.maxDetections = options.maxDetections ?? options.candidates;
    this.#options = { ...options, classCount: options.classCount ?? Infinity };
    const backend = resolveBackend(options.backend);
    this.#settings = backend && settingsOf(options, backend);
    this.#twin = backend ? null : new TypeScriptDetectNms(this.#options);
    // Few candidates survive the threshold, so `auto` begins with the CPU.
    this.backend = backend === null ? 'typescript' : backend === 'cuda' ? 'cuda' : 'cpu';
  }

  /** Why it is not a better one; null if no better one was called for, or it did not fail. */
  get backendReason(): string | null {
    return this.backend === 'cuda' ? null : failureReason();
  }

  /**
   * Reads the `[6, N]` values at `offset` of `output` and writes rows, best first, as long as there is room (or to
   * `maxDetections`); returns how many.
   */
  run(output: Float32Array, offset: number, rows: Float32Array): number {
    checkFloat32Array('output', '[B, 6, N]', output);
    checkFloat32Array('rows', '[maxDetections, 6]', rows);
    const { candidates, classCount, perClass = false } = this.#options;
    checkInteger('offset', offset, 0, output.length - 6 * candidates);
    if (this.#twin || !addon || !this.#settings) return this.#twin!.run(output, offset, rows);
    const result = addon.detect(output, offset, candidates, this.#settings, classCount, perClass, rows);
    this.backend = backendOf(result % 4);
    if (this.backend === 'cpu') warnOfCudaFailure();
    return Math.floor(result / 4);
  }
}

/** Each image's rows, [K, 6], best first. */
export function detectNms(output: Float32Array, options: DetectNmsOptions & { batch?: number }): Float32Array[] {
  const detect = new DetectNms(options);
  const { candidates, batch = 1 } = options;
  checkFloat32Array('output', '[B, 6, N]', output);
  checkInteger('options.batch', batch, 0, 0x7fff_ffff);
  checkLength('output', `[${batch}, 6, ${candidates}]`, output, batch * 6 * candidates);
  const rows = new Float32Array(ROW_FIELDS * Math.min(detect.maxDetections, candidates));
  return Array.from({ length: batch }, (_, b) => {
    const count = detect.run(output, b * 6 * candidates, rows);
    return rows.slice(0, ROW_FIELDS * count);
  });
}

/** The same in TypeScript. */
class TypeScriptDetectNms {
  readonly #options: DetectNmsOptions & { classCount: number };
  readonly #nms = new ReferenceNms();
  readonly #boxes: Float32Array;
  readonly #scores: Float32Array;
  readonly #classes: Float32Array;
  readonly #kept: Int32Array;

  constructor(options: DetectNmsOptions & { classCount: number }) {
    const { candidates, maxDetections = candidates } = options;
    this.#options = options;
    this.#boxes = new Float32Array(4 * candidates);
    this.#scores = new Float32Array(candidates);
    this.#classes = new Float32Array(candidates);
    this.#kept = new Int32Array(Math.min(candidates, maxDetections));
  }

  run(output: Float32Array, offset: number, rows: Float32Array): number {
    const count = this.#collect(output, offset);
    const kept = this.#kept.subarray(0, Math.floor(rows.length / ROW_FIELDS));
    const keptCount = this.#nms.suppress(
      {
        count,
        boxes: this.#boxes,
        scores: this.#scores,
        classes: this.#options.perClass ? this.#classes : null,
        iouThreshold: this.#options.iouThreshold,
        scoreThreshold: -Infinity,
      },
      kept,
    );
    for (let k = 0; k < keptCount; k++) {
      const index = kept[k]!;
      rows.set(this.#boxes.subarray(4 * index, 4 * index + 4), ROW_FIELDS * k);
      rows[ROW_FIELDS * k + 4] = this.#scores[index]!;
      rows[ROW_FIELDS * k + 5] = this.#classes[index]!;
    }
    return keptCount;
  }

  /** Gathers the candidates that count, as corners. */
  #collect(output: Float32Array, offset: number): number {
    const { candidates: n, classCount } = this.#options;
    const scoreThreshold = Math.fround(this.#options.scoreThreshold ?? -Infinity);
    const boxes = this.#boxes;
    let count = 0;
    for (let i = 0; i < n; i++) {
      const score = output[offset + 4 * n + i]!;
      if (!(score >= scoreThreshold) || !Number.isFinite(score)) continue;
      const x = output[offset + i]!;
      const y = output[offset + n + i]!;
      const width = output[offset + 2 * n + i]!;
      const height = output[offset + 3 * n + i]!;
      const classIndex = output[offset + 5 * n + i]!;
      if (!Number.isFinite(x + y + width + height) || !(width > 0 && height > 0)) continue;
      if (!(classIndex >= 0 && classIndex < classCount)) continue;
      const at = 4 * count;
      boxes[at] = x - width / 2;
      boxes[at + 1] = y - height / 2;
      boxes[at + 2] = x + width / 2;
      boxes[at + 3] = y + height / 2;
      this.#scores[count] = score;
      this.#classes[count++] = classIndex;
    }
    return count;
  }
}
