import type { Nms, NmsInput } from './nms.js';

const { fround, max, min } = Math;

/** Area in float32; 0 for an inverted box. */
const area = (x1: number, y1: number, x2: number, y2: number): number =>
  fround(max(0, fround(x2 - x1)) * max(0, fround(y2 - y1)));

/** The plain implementation that the native ones are held against. Its scratch space grows to the largest input. */
export class TypeScriptNms implements Nms {
  readonly backend = 'typescript';
  #order = new Int32Array(0);
  #areas = new Float32Array(0);

  suppress({ count, boxes, scores, classes }: NmsInput, iouThreshold: number, kept: Int32Array): number {
    if (this.#order.length < count) {
      this.#order = new Int32Array(2 * count);
      this.#areas = new Float32Array(2 * count);
    }
    const areas = this.#areas;
    const threshold = fround(iouThreshold);
    let usable = 0;
    for (let i = 0; i < count; i++) {
      const at = 4 * i;
      // Finite only if every part is: float32 parts cannot overflow a float64 sum.
      const sum = boxes[at]! + boxes[at + 1]! + boxes[at + 2]! + boxes[at + 3]! + scores[i]!;
      if (!Number.isFinite(sum)) continue;
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

  close(): void {
    this.#order = new Int32Array(0);
    this.#areas = new Float32Array(0);
  }
}
