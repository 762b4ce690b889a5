import type { Letterbox } from '@lanecast/server/core/geometry';

/** Numbers a row: centre x, centre y, width, height, score, class index. */
export const ROW_FIELDS = 6;

/**
 * The candidates of a model's output `[6,N]` at or above the threshold, as rows, in their order. NaN scores are below
 * any threshold.
 */
export function candidateRows(output: Float32Array, scoreThreshold: number): Float32Array {
  const count = output.length / ROW_FIELDS;
  const kept: number[] = [];
  for (let i = 0; i < count; i++) if (output[4 * count + i]! >= scoreThreshold) kept.push(i);
  const rows = new Float32Array(kept.length * ROW_FIELDS);
  kept.forEach((index, k) => {
    for (let field = 0; field < ROW_FIELDS; field++) rows[k * ROW_FIELDS + field] = output[field * count + index]!;
  });
  return rows;
}

/**
 * Rows in model-input pixels to rows as shares of the source picture: letterbox undone, best first, at most `maxRows`.
 * Rows whose box is not finite or has no area, or whose class does not exist, are left out, as on the server.
 */
export function finishRows(
  rows: Float32Array,
  box: Letterbox,
  { maxRows, classCount }: { maxRows: number; classCount: number },
): Float32Array {
  const order: number[] = [];
  for (let at = 0; at < rows.length; at += ROW_FIELDS) {
    const [x, y, width, height, score, classIndex] = rows.subarray(at, at + ROW_FIELDS) as unknown as number[];
    const finite = Number.isFinite(x! + y! + width! + height! + score!);
    if (finite && width! > 0 && height! > 0 && classIndex! >= 0 && classIndex! < classCount) order.push(at);
  }
  order.sort((a, b) => rows[b + 4]! - rows[a + 4]!);
  order.length = Math.min(order.length, maxRows);
  const finished = new Float32Array(order.length * ROW_FIELDS);
  order.forEach((from, k) => {
    finished.set(
      [
        (rows[from]! - box.contentX) / box.contentWidth,
        (rows[from + 1]! - box.contentY) / box.contentHeight,
        rows[from + 2]! / box.contentWidth,
        rows[from + 3]! / box.contentHeight,
        rows[from + 4]!,
        rows[from + 5]!,
      ],
      k * ROW_FIELDS,
    );
  });
  return finished;
}
