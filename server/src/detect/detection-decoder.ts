import { toSource, type Letterbox } from '../core/geometry.js';
import type { Detection } from '../core/types.js';
import type { Nms } from './nms/nms.js';

/** Numbers per packed detection: x1, y1, x2, y2 (source pixels), score, class index. */
export const PACKED_FIELDS = 6;

export interface DecoderOptions {
  /** N of the model's output `[B,6,N]`. */
  candidateCount: number;
  classCount: number;
  /** Candidates below it are ignored. */
  scoreThreshold: number;
  iouThreshold: number;
  /** Only boxes of the same class suppress each other. Default: all do, since a van must not be a car and a truck. */
  perClass?: boolean;
  /** Default 300. */
  maxDetections?: number;
}

/**
 * Turns one picture's `[6,N]` output (centre x, centre y, width, height in model-input pixels, score, class index)
 * into detections in source pixels. Candidates whose box is not finite or has no area, or whose class does not exist,
 * are ignored. Everything it needs is allocated once.
 */
export class DetectionDecoder {
  readonly maxDetections: number;
  readonly #options: DecoderOptions;
  readonly #nms: Nms;
  readonly #boxes: Float32Array;
  readonly #scores: Float32Array;
  readonly #classes: Float32Array;
  readonly #kept: Int32Array;

  /** The caller keeps and closes `nms`. */
  constructor(options: DecoderOptions, nms: Nms) {
    const { candidateCount } = options;
    this.maxDetections = options.maxDetections ?? 300;
    this.#options = options;
    this.#nms = nms;
    this.#boxes = new Float32Array(4 * candidateCount);
    this.#scores = new Float32Array(candidateCount);
    this.#classes = new Float32Array(candidateCount);
    this.#kept = new Int32Array(this.maxDetections);
  }

  /**
   * Reads the `[6,N]` values at `offset` of `output` and writes packed detections, best first, at `at` of `packed`
   * (room for `maxDetections` of them); returns how many.
   */
  decode(output: Float32Array, offset: number, letterbox: Letterbox, packed: Float32Array, at: number): number {
    const count = this.#collect(output, offset);
    if (count === 0) return 0;
    const classes = this.#options.perClass ? this.#classes : null;
    const input = { count, boxes: this.#boxes, scores: this.#scores, classes };
    const keptCount = this.#nms.suppress(input, this.#options.iouThreshold, this.#kept);
    let to = at;
    for (let k = 0; k < keptCount; k++) {
      const index = this.#kept[k]!;
      const from = 4 * index;
      [packed[to], packed[to + 1]] = toSource(letterbox, this.#boxes[from]!, this.#boxes[from + 1]!);
      [packed[to + 2], packed[to + 3]] = toSource(letterbox, this.#boxes[from + 2]!, this.#boxes[from + 3]!);
      packed[to + 4] = this.#scores[index]!;
      packed[to + 5] = this.#classes[index]!;
      to += PACKED_FIELDS;
    }
    return keptCount;
  }

  /** Gathers the candidates that count, as corners in model-input pixels. */
  #collect(output: Float32Array, offset: number): number {
    const { candidateCount: n, classCount, scoreThreshold } = this.#options;
    const scoresAt = offset + 4 * n;
    const boxes = this.#boxes;
    let count = 0;
    for (let i = 0; i < n; i++) {
      const score = output[scoresAt + i]!;
      if (!(score >= scoreThreshold) || score === Infinity) continue;
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

/** One detection of a packed row of them. */
export function unpackDetection(packed: Float32Array, index: number): Detection {
  const at = index * PACKED_FIELDS;
  return {
    x1: packed[at]!,
    y1: packed[at + 1]!,
    x2: packed[at + 2]!,
    y2: packed[at + 3]!,
    score: packed[at + 4]!,
    classIndex: packed[at + 5]!,
  };
}
