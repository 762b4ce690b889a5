import { connectedBlocks, type Block } from './assignment-blocks.js';

/** A dense row-major `rowCount x columnCount` cost matrix; costs are finite (any sign). */
export interface AssignmentProblem {
  readonly costs: Float64Array;
  readonly rowCount: number;
  readonly columnCount: number;
}

export interface Assignment {
  /** `[row, column]`, rows ascending. */
  matches: [row: number, column: number][];
  /** Ascending. */
  unmatchedRows: number[];
  /** Ascending. */
  unmatchedColumns: number[];
}

const NONE = -1;

/**
 * Exact linear assignment in which staying unmatched is allowed: minimises the sum over matched pairs of
 * `cost - costLimit`. This is the optimum of `lap.lapjv(costs, extend_cost=True, cost_limit=costLimit)`, which pads the
 * matrix to `(rows + columns)^2` with `costLimit / 2` beside it and 0 opposite: a pair is matched only where that
 * lowers the total. A pair that costs exactly `costLimit` changes nothing and stays unmatched.
 *
 * Pairs at or above the limit can never help, so the problem falls apart into the connected blocks of the rest, most of
 * them one object and its detection. Larger blocks are solved by shortest augmenting paths (Jonker and Volgenant, "A
 * shortest augmenting path algorithm for dense and sparse linear assignment problems", Computing 38, 1987), without the
 * padding: an augmenting path may also end by leaving one of the rows on it unmatched. O(rows^2 columns) of a block.
 *
 * Among optima of equal cost the result depends on the order of rows and columns only.
 */
export function assign(problem: AssignmentProblem, costLimit: number): Assignment {
  const columnOfRow = new Int32Array(problem.rowCount).fill(NONE);
  for (const block of connectedBlocks(problem, costLimit)) {
    if (block.rows.length === 1 && block.columns.length === 1) columnOfRow[block.rows[0]!] = block.columns[0]!;
    else solveBlock(problem, costLimit, block, columnOfRow);
  }

  const matches: [number, number][] = [];
  const unmatchedRows: number[] = [];
  const columnTaken = new Uint8Array(problem.columnCount);
  for (let row = 0; row < problem.rowCount; row++) {
    const column = columnOfRow[row]!;
    if (column === NONE) {
      unmatchedRows.push(row);
    } else {
      matches.push([row, column]);
      columnTaken[column] = 1;
    }
  }
  const unmatchedColumns: number[] = [];
  for (let column = 0; column < problem.columnCount; column++) {
    if (columnTaken[column] === 0) unmatchedColumns.push(column);
  }
  return { matches, unmatchedRows, unmatchedColumns };
}

/**
 * Adds one row after the other, each by a shortest path of reduced costs (Dijkstra) from the row to the cheapest end:
 * a free column, or a row that becomes unmatched. Such a row never comes back, since later rows only add competition.
 * Invariants between rows: a column's `price` is at most 0 and is 0 while the column is free; every matched pair is
 * tight. Matched columns stay matched.
 */
function solveBlock({ costs, columnCount }: AssignmentProblem, costLimit: number, block: Block, out: Int32Array): void {
  const { rows, columns } = block;
  const width = columns.length;
  const gain = new Float64Array(rows.length * width);
  for (let r = 0, at = 0; r < rows.length; r++) {
    const base = rows[r]! * columnCount;
    for (const column of columns) gain[at++] = costs[base + column]! - costLimit;
  }
  const price = new Float64Array(width);
  const rowOfColumn = new Int32Array(width).fill(NONE);
  const columnOfRow = new Int32Array(rows.length).fill(NONE);
  const distance = new Float64Array(width);
  const previousRow = new Int32Array(width);
  const scanned = new Uint8Array(width);

  for (let start = 0; start < rows.length; start++) {
    for (let c = 0; c < width; c++) distance[c] = gain[start * width + c]! - price[c]!;
    previousRow.fill(start);
    scanned.fill(0);
    let dropDistance = 0;
    let dropRow = start;
    let end = NONE;
    let length: number;

    for (;;) {
      let nearest = NONE;
      length = dropDistance;
      for (let c = 0; c < width; c++) {
        if (scanned[c] === 0 && distance[c]! < length) {
          nearest = c;
          length = distance[c]!;
        }
      }
      if (nearest === NONE) break; // leaving `dropRow` unmatched is the cheapest end
      const row = rowOfColumn[nearest]!;
      if (row === NONE) {
        end = nearest;
        break;
      }
      scanned[nearest] = 1;
      // Distance at which `row`, pushed out of its column, would pay nothing more.
      const offset = length - (gain[row * width + nearest]! - price[nearest]!);
      if (offset < dropDistance) {
        dropDistance = offset;
        dropRow = row;
      }
      for (let c = 0; c < width; c++) {
        if (scanned[c] === 1) continue;
        const through = offset + gain[row * width + c]! - price[c]!;
        if (through < distance[c]!) {
          distance[c] = through;
          previousRow[c] = row;
        }
      }
    }

    for (let c = 0; c < width; c++) if (scanned[c] === 1) price[c]! += distance[c]! - length;
    let column = end;
    if (end === NONE) {
      column = columnOfRow[dropRow]!;
      columnOfRow[dropRow] = NONE;
    }
    // Shift the matches along the path, from its end back to the row that was added.
    while (column !== NONE) {
      const row: number = previousRow[column]!;
      const next: number = columnOfRow[row]!;
      rowOfColumn[column] = row;
      columnOfRow[row] = column;
      column = row === start ? NONE : next;
    }
  }
  for (let r = 0; r < rows.length; r++) if (columnOfRow[r] !== NONE) out[rows[r]!] = columns[columnOfRow[r]!]!;
}
