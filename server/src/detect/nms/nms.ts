/** Boxes for suppression. Only the first `count` entries of each array are read. */
export interface NmsInput {
  count: number;
  /** `count x 4`: x1, y1, x2, y2. */
  boxes: Float32Array;
  scores: Float32Array;
  /** Boxes of different classes leave each other alone; null: all boxes compete. */
  classes: Float32Array | null;
}

/**
 * Greedy non-maximum suppression: the best box is kept and suppresses every later one whose IoU with it is greater
 * than the threshold, then the next best of the rest, and so on. Order: score, descending; ties by index, ascending.
 *
 * Every implementation gives exactly the same indices: IoU is computed in float32 with every operation rounded
 * (width and height of the intersection by subtraction, at least 0; areas by one multiplication; union as
 * `(areaA + areaB) - intersection`; then the quotient).
 *
 * Odd boxes: one with a coordinate or score that is not finite is never kept and suppresses nothing. The area of an
 * inverted box counts as 0. Boxes without area neither suppress nor are suppressed; nor do boxes whose areas overflow
 * to infinity (the IoU is not a number then, which is not greater than any threshold).
 */
export interface Nms {
  readonly backend: 'typescript' | 'cpu' | 'cuda';
  /** Writes the indices of the kept boxes, best first, until `kept` is full; returns how many. */
  suppress(input: NmsInput, iouThreshold: number, kept: Int32Array): number;
  /** Frees what it holds; may be called twice. */
  close(): void;
}
