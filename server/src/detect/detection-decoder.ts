import { DetectNms, ROW_FIELDS } from '@lanecast/native';
import { toSource, type Letterbox } from '../core/geometry.js';
import type { Detection } from '../core/types.js';
import type { NmsState } from './messages.js';

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
  readonly #nms: DetectNms;
  readonly #rows: Float32Array;

  constructor(options: DecoderOptions) {
    const { candidateCount: candidates, maxDetections = 300, ...rest } = options;
    this.maxDetections = maxDetections;
    this.#nms = new DetectNms({ ...rest, candidates, maxDetections });
    this.#rows = new Float32Array(maxDetections * ROW_FIELDS);
  }

  get nmsState(): NmsState {
    return { nmsBackend: this.#nms.backend, nmsBackendReason: this.#nms.backendReason };
  }

  /**
   * Reads the `[6,N]` values at `offset` of `output` and writes packed detections, best first, at `at` of `packed`
   * (room for `maxDetections` of them); returns how many.
   */
  decode(output: Float32Array, offset: number, letterbox: Letterbox, packed: Float32Array, at: number): number {
    const rows = this.#rows;
    const count = this.#nms.run(output, offset, rows);
    for (let k = 0; k < count; k++) {
      const from = k * ROW_FIELDS;
      const to = at + k * PACKED_FIELDS;
      [packed[to], packed[to + 1]] = toSource(letterbox, rows[from]!, rows[from + 1]!);
      [packed[to + 2], packed[to + 3]] = toSource(letterbox, rows[from + 2]!, rows[from + 3]!);
      packed[to + 4] = rows[from + 4]!;
      packed[to + 5] = rows[from + 5]!;
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
