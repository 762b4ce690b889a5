import { ROW_FIELDS } from '../detector/rows.js';

/** A box as the lab draws it; shares of the picture, left and top first. */
export interface ShownBox {
  x: number;
  y: number;
  width: number;
  height: number;
  score: number;
  classIndex: number;
}

/**
 * Greedy non-maximum suppression for the display, over all classes (a van must not be a car and a truck): of boxes that
 * overlap by more than `iouThreshold` only the best stays. `rows` are best first (`BrowserDetections.rows`). What counts
 * is done by the server.
 */
export function suppress(rows: Float32Array, iouThreshold: number, scoreThreshold: number): ShownBox[] {
  const kept: ShownBox[] = [];
  for (let at = 0; at < rows.length; at += ROW_FIELDS) {
    const [cx, cy, width, height, score, classIndex] = [...rows.subarray(at, at + ROW_FIELDS)] as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    if (score < scoreThreshold) break;
    const box = { x: cx - width / 2, y: cy - height / 2, width, height, score, classIndex };
    if (kept.every((other) => overlap(other, box) <= iouThreshold)) kept.push(box);
  }
  return kept;
}

/** Intersection over union, 0..1. */
export function overlap(a: ShownBox, b: ShownBox): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}
