import { expect, it } from 'vitest';
import { solveLeastSquares } from './least-squares.js';

it('solves a square system', () => {
  const x = solveLeastSquares(Float64Array.of(0, 2, 1, 3, 1, -1, 1, 0, 4), Float64Array.of(7, 2, 13), 3)!;
  [1, 2, 3].forEach((value, i) => expect(x[i]).toBeCloseTo(value, 12));
});

it('fits a line by hand: (0, 0), (1, 2), (2, 1) have slope 1/2 and intercept 1/2', () => {
  const x = solveLeastSquares(Float64Array.of(0, 1, 1, 1, 2, 1), Float64Array.of(0, 2, 1), 2)!;
  expect(x[0]).toBeCloseTo(0.5, 12);
  expect(x[1]).toBeCloseTo(0.5, 12);
});

it.each([
  ['dependent', [1, 2, 2, 4, 3, 6]],
  ['empty', [1, 0, 2, 0, 3, 0]],
])('refuses %s columns', (_, matrix) => {
  expect(solveLeastSquares(Float64Array.from(matrix), Float64Array.of(1, 2, 3), 2)).toBeNull();
});
