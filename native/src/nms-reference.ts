/**
 * The definition, in plain TypeScript: the native backends are held against it, and it serves where they were not built.
 * Pure; quadratic in the number of boxes that are kept.
 */
const { fround, max, min } = Math;

export interface ReferenceInput {
  /** Only the first `count` boxes count. */
  count: number;
  /** `count x 4`: x1, y1, x2, y2. */
  boxes: Float32Array;
  scores: Float32Array;
  /** Boxes of different classes leave each other alone; null: all boxes compete. */
  classes: Int32Array | Float32Array | null;
  iouThreshold: number;
  /** Boxes with a lower score are left out. */
  scoreThreshold: number;
}

/** Area in float32; 0 for an inverted box. */
const area = (x1: number, y1: number, x2: number, y2: number): number =>
  fround(max(0, fround(x2 - x1)) * max(0, fround(y2 - y1)));

/** Its scratch space grows to the largest input. */
export class ReferenceNms {
  #order = new Int32Array(0);
  #areas = new Float32Array(0);

  /**
   * Greedy non-maximum suppression: the best box is kept and suppresses every later one whose IoU with it is greater
   * than the threshold, then the next best of the rest, and so on. Order: score, descending; ties by index, ascending.
   * Writes the indices of the kept boxes, best first, until `kept` is full; returns how many.
   *
   * IoU is computed in float32 with every operation rounded: width and height of the intersection by subtraction, at
   * least 0; areas by one multiplication; union as `(areaA + areaB) - intersection`; then the quotient.
   *
   * Odd boxes: one with a coordinate or score that is not finite is never kept and suppresses nothing. The area of an
   * inverted box counts as 0. Boxes without area neither suppress nor are suppressed; nor do boxes whose areas overflow
   * to infinity (the IoU is 0 or not a number then, and neither is greater than a threshold).
   */
  suppress(input: ReferenceInput, kept: Int32Array): number {
    const { count, boxes, scores, classes } = input;
    if (this.#order.length < count) {
      this.#order = new Int32Array(2 * count);
      this.#areas = new Float32Array(2 * count);
    }
    const areas = this.#areas;
    const threshold = fround(input.iouThreshold);
    const scoreThreshold = fround(input.scoreThreshold);
    let usable = 0;
    for (let i = 0; i < count; i++) {
      const at = 4 * i;
      // Finite only if every part is: float32 parts cannot overflow a float64 sum.
      const sum = boxes[at]! + boxes[at + 1]! + boxes[at + 2]! + boxes[at + 3]! + scores[i]!;
      if (!Number.isFinite(sum) || scores[i]! < scoreThreshold) continue;
      areas[i] = area(boxes[at]!, boxes[at + 1]!, boxes[at + 2]!, boxes[at + 3]!);
      this.#order[usable++] = i;
    }
    const order = this.#order.subarray(0, usable).sort((a, b) => scores[b]! - scores[a]! || a - b);

    let keptCount = 0;
    for (let n = 0; n < usable && keptCount < kept.length; n++) {
      const candidate = order[n]!;
      const at = 4 * candidate;
      const x1 = boxes[at]!;
      const y1 = boxes[at + 1]!;
      const x2 = boxes[at + 2]!;
      const y2 = boxes[at + 3]!;
      let suppressed = false;
      for (let k = 0; k < keptCount && !suppressed; k++) {
        const other = kept[k]!;
        if (classes && classes[other] !== classes[candidate]) continue;
        const from = 4 * other;
        const width = max(0, fround(min(x2, boxes[from + 2]!) - max(x1, boxes[from]!)));
        const height = max(0, fround(min(y2, boxes[from + 3]!) - max(y1, boxes[from + 1]!)));
        const intersection = fround(width * height);
        const union = fround(fround(areas[other]! + areas[candidate]!) - intersection);
        suppressed = fround(intersection / union) > threshold;
      }
      if (!suppressed) kept[keptCount++] = candidate;
    }
    return keptCount;
  }
}
