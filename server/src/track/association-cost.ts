import type { AssignmentProblem } from './assignment.js';

/** Corners in pixels. */
export interface Corners {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** Numbers of a column in the flat copy: four corners, area, weight of its overlaps. */
const FIELDS = 6;
const AREA = 4;
const WEIGHT = 5;

/**
 * Matrices of association costs from intersection over union, with the reference's "+1" convention: corners are pixels
 * *inside* the box, so a width is `x2 - x1 + 1` (Pascal VOC; `cython_bbox`). Memory is reused between calls: one
 * instance per tracker.
 */
export class AssociationCosts {
  #costs = new Float64Array(64);
  #columns = new Float64Array(64);

  /** Cost `1 - IoU` of every pair. The answer is valid until the next call. */
  iou(rows: readonly Corners[], columns: readonly Corners[]): AssignmentProblem {
    this.#copyColumns(columns);
    return this.#fill(rows, columns.length);
  }

  /** Cost `1 - IoU * score of the column`: likely detections go first. The answer is valid until the next call. */
  fused(rows: readonly Corners[], columns: readonly (Corners & { readonly score: number })[]): AssignmentProblem {
    this.#copyColumns(columns);
    columns.forEach(({ score }, index) => (this.#columns[FIELDS * index + WEIGHT] = score));
    return this.#fill(rows, columns.length);
  }

  /** Flat numbers: reading object properties in the inner loop would take most of the tracker's time. */
  #copyColumns(columns: readonly Corners[]): void {
    if (this.#columns.length < FIELDS * columns.length) this.#columns = new Float64Array(2 * FIELDS * columns.length);
    const flat = this.#columns;
    let at = 0;
    for (const { x1, y1, x2, y2 } of columns) {
      flat[at] = x1;
      flat[at + 1] = y1;
      flat[at + 2] = x2;
      flat[at + 3] = y2;
      flat[at + AREA] = (x2 - x1 + 1) * (y2 - y1 + 1);
      flat[at + WEIGHT] = 1;
      at += FIELDS;
    }
  }

  #fill(rows: readonly Corners[], columnCount: number): AssignmentProblem {
    const size = rows.length * columnCount;
    if (this.#costs.length < size) this.#costs = new Float64Array(2 * size);
    const costs = this.#costs.subarray(0, size);
    costs.fill(1);
    const columns = this.#columns;
    const end = FIELDS * columnCount;
    let at = 0;
    for (const { x1, y1, x2, y2 } of rows) {
      const area = (x2 - x1 + 1) * (y2 - y1 + 1);
      for (let c = 0; c < end; c += FIELDS, at++) {
        const width = Math.min(x2, columns[c + 2]!) - Math.max(x1, columns[c]!) + 1;
        if (width <= 0) continue;
        const height = Math.min(y2, columns[c + 3]!) - Math.max(y1, columns[c + 1]!) + 1;
        if (height <= 0) continue;
        const intersection = width * height;
        costs[at] = 1 - (intersection / (area + columns[c + AREA]! - intersection)) * columns[c + WEIGHT]!;
      }
    }
    return { costs, rowCount: rows.length, columnCount };
  }
}
