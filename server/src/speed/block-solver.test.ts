import { expect, it } from 'vitest';
import type { Matrix2 } from '../core/matrix2.js';
import { solveBlocks } from './block-solver.js';

const times = (factor: number): Matrix2 => [factor, 0, 0, factor];

it('solves each axis by itself where the blocks are plain numbers: 2a + b = 5, a + 3b = 10', () => {
  const solution = solveBlocks({
    matrix: [
      [times(2), times(1)],
      [times(1), times(3)],
    ],
    right: [
      [5, 50],
      [10, 100],
    ],
  })!;
  expect(solution.unknowns[0]![0]).toBeCloseTo(1, 12);
  expect(solution.unknowns[1]![0]).toBeCloseTo(3, 12);
  expect(solution.unknowns[0]![1]).toBeCloseTo(10, 12);
  expect(solution.unknowns[1]![1]).toBeCloseTo(30, 12);
  // 3 - 1 * 1 / 2
  expect(solution.information).toEqual([2.5, 0, 0, 2.5]);
});

it('solves three unknowns with full blocks', () => {
  const a: Matrix2 = [5, 1, 1, 4];
  const b: Matrix2 = [1, 0.5, 0.25, 1];
  const unknowns = [
    [1, -2],
    [3, 0.5],
    [-1, 4],
  ] as const;
  const matrix = [
    [a, b, b],
    [b, a, b],
    [b, b, a],
  ];
  const right = matrix.map((row): [number, number] => {
    const sum: [number, number] = [0, 0];
    row.forEach(([p, q, r, s], k) => {
      sum[0] += p * unknowns[k]![0] + q * unknowns[k]![1];
      sum[1] += r * unknowns[k]![0] + s * unknowns[k]![1];
    });
    return sum;
  });
  solveBlocks({ matrix, right })!.unknowns.forEach(([x, y], k) => {
    expect(x).toBeCloseTo(unknowns[k]![0], 12);
    expect(y).toBeCloseTo(unknowns[k]![1], 12);
  });
});

it('says so when it cannot', () => {
  expect(solveBlocks({ matrix: [[times(0)]], right: [[1, 1]] })).toBeNull();
  expect(
    solveBlocks({
      matrix: [
        [times(1), times(1)],
        [times(1), times(1)],
      ],
      right: [
        [1, 1],
        [2, 2],
      ],
    }),
  ).toBeNull();
});
