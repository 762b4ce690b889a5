import type { AssignmentProblem } from './assignment.js';

/** Rows and columns (ascending) that are linked by pairs below the limit; every block has at least one pair. */
export interface Block {
  rows: number[];
  columns: number[];
}

/** The connected blocks of the pairs that cost less than `costLimit`, ordered by their first row. */
export function connectedBlocks({ costs, rowCount, columnCount }: AssignmentProblem, costLimit: number): Block[] {
  // Union-find over rows (0..rowCount-1) and columns (after them); the smallest member is the root.
  const parent = new Int32Array(rowCount + columnCount);
  for (let node = 0; node < parent.length; node++) parent[node] = node;
  const find = (node: number): number => {
    let root = node;
    while (parent[root] !== root) {
      parent[root] = parent[parent[root]!]!; // halve the path
      root = parent[root]!;
    }
    return root;
  };

  for (let row = 0, at = 0; row < rowCount; row++) {
    for (let column = 0; column < columnCount; column++, at++) {
      if (costs[at]! >= costLimit) continue;
      const a = find(row);
      const b = find(rowCount + column);
      if (a < b) parent[b] = a;
      else parent[a] = b;
    }
  }

  // A root that is a row has been met before its other members, so the blocks come out in order of their first row.
  const blockOfRoot = new Map<number, Block>();
  for (let row = 0; row < rowCount; row++) {
    const root = find(row);
    const block = blockOfRoot.get(root);
    if (block) block.rows.push(row);
    else blockOfRoot.set(root, { rows: [row], columns: [] });
  }
  for (let column = 0; column < columnCount; column++) {
    blockOfRoot.get(find(rowCount + column))?.columns.push(column);
  }
  return [...blockOfRoot.values()].filter(({ columns }) => columns.length > 0);
}
