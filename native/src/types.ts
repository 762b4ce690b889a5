/** A backend that can do the work. */
export type NmsBackend = 'cpu' | 'cuda' | 'typescript';

export interface NmsOptions {
  /** 0..1: a box whose IoU with a better kept one is greater is suppressed. */
  iouThreshold: number;
  /** Boxes with a lower score are left out. Default: none are. */
  scoreThreshold?: number;
  /** At most so many are kept, of each image. Default: no limit. */
  maxDetections?: number;
  /**
   * `auto` (default): CUDA where it was measured to be faster, else the C++ addon, else TypeScript. Naming one that is
   * not there throws; a CUDA call that fails is done by the CPU, and `nmsInfo()` counts it.
   */
  backend?: NmsBackend | 'auto';
}

export interface SingleNmsOptions extends NmsOptions {
  /** [N]: only boxes of the same class suppress each other. Default: all do. */
  classes?: Int32Array | undefined;
}

/** Boxes of many images, one image after the other. */
export interface NmsBatch {
  /** [total, 4]: x1, y1, x2, y2. */
  boxes: Float32Array;
  /** [total] */
  scores: Float32Array;
  /** [total] */
  classes?: Int32Array | undefined;
  /** [images + 1], rising from 0 to total: image b has the boxes offsets[b] .. offsets[b + 1] - 1. */
  offsets: Uint32Array;
}

/** A result, what made it, and how long the device took. */
export interface TimedNms<Kept> {
  kept: Kept;
  backend: NmsBackend;
  /** First kernel's start to last kernel's end; null unless CUDA did it. */
  kernelMs: number | null;
}
