import { expect, it } from 'vitest';
import { connectedBlocks } from './assignment-blocks.js';

it('finds what hangs together by pairs below the limit, and leaves out the rest', () => {
  // prettier-ignore
  const costs = Float64Array.from([
    1.0, 0.1, 1.0, 1.0, 1.0,
    1.0, 1.0, 1.0, 0.5, 1.0,
    1.0, 1.0, 1.0, 1.0, 1.0,
    0.2, 0.3, 1.0, 1.0, 1.0,
    1.0, 1.0, 1.0, 1.0, 0.8,
  ]);
  expect(connectedBlocks({ costs, rowCount: 5, columnCount: 5 }, 0.8)).toEqual([
    { rows: [0, 3], columns: [0, 1] },
    { rows: [1], columns: [3] },
  ]);
});

it('joins long chains into one block', () => {
  const n = 50;
  const costs = new Float64Array(n * n).fill(1);
  for (let i = 0; i < n; i++) {
    costs[i * n + (n - 1 - i)] = 0;
    if (i > 0) costs[i * n + (n - i)] = 0;
  }
  const blocks = connectedBlocks({ costs, rowCount: n, columnCount: n }, 0.5);
  expect(blocks).toHaveLength(1);
  expect(blocks[0]!.rows).toHaveLength(n);
  expect(blocks[0]!.columns).toEqual(Array.from({ length: n }, (_, i) => i));
});
