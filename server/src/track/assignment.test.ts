import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../core/random.js';
import { assign, type AssignmentProblem } from './assignment.js';

function problem(rows: number[][]): AssignmentProblem {
  return { costs: Float64Array.from(rows.flat()), rowCount: rows.length, columnCount: rows[0]?.length ?? 0 };
}

/** Sum over matched pairs of `cost - limit`: what is to be as small as possible. */
function total(rows: number[][], matches: [number, number][], limit: number): number {
  return matches.reduce((sum, [row, column]) => sum + rows[row]![column]! - limit, 0);
}

/** Tries everything. */
function bruteForce(rows: number[][], limit: number, row = 0, taken = 0): number {
  if (row === rows.length) return 0;
  let best = bruteForce(rows, limit, row + 1, taken);
  rows[row]!.forEach((cost, column) => {
    if ((taken & (1 << column)) !== 0) return;
    best = Math.min(best, cost - limit + bruteForce(rows, limit, row + 1, taken | (1 << column)));
  });
  return best;
}

function expectValid(rows: number[][], result: ReturnType<typeof assign>): void {
  const columnCount = rows[0]?.length ?? 0;
  const seenRows = [...result.matches.map(([row]) => row), ...result.unmatchedRows].sort((a, b) => a - b);
  const seenColumns = [...result.matches.map(([, column]) => column), ...result.unmatchedColumns].sort((a, b) => a - b);
  expect(seenRows).toEqual(rows.map((_, row) => row));
  expect(seenColumns).toEqual(Array.from({ length: columnCount }, (_, column) => column));
  expect(result.matches.map(([row]) => row)).toEqual([...result.matches.map(([row]) => row)].sort((a, b) => a - b));
  expect(result.unmatchedRows).toEqual([...result.unmatchedRows].sort((a, b) => a - b));
  expect(result.unmatchedColumns).toEqual([...result.unmatchedColumns].sort((a, b) => a - b));
}

const matrices = (cost: fc.Arbitrary<number>): fc.Arbitrary<number[][]> =>
  fc
    .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
    .chain(([rows, columns]) =>
      fc.array(fc.array(cost, { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows }),
    );

describe('assign', () => {
  it('prefers the smallest sum to the smallest pair', () => {
    // The cheapest pair (0, 0) would leave 0.9 for the other row: 1.0 against 0.5.
    const result = assign(problem([[0.1, 0.2], [0.3, 0.9]]), 1); // prettier-ignore
    expect(result.matches).toEqual([[0, 1], [1, 0]]); // prettier-ignore
  });

  it('leaves a pair unmatched where that is cheaper', () => {
    // Both rows want column 0. Row 1 is better by less than its other pair is bad: only one of them is matched.
    const result = assign(problem([[0.3, 0.95], [0.2, 0.9]]), 0.8); // prettier-ignore
    expect(result).toEqual({ matches: [[1, 0]], unmatchedRows: [0], unmatchedColumns: [1] });
  });

  it('matches below the limit only, not at it', () => {
    expect(assign(problem([[0.8]]), 0.8).matches).toEqual([]);
    expect(assign(problem([[0.7999999]]), 0.8).matches).toEqual([[0, 0]]);
  });

  it('gives up one pair for two others', () => {
    // (1, 0) alone is the best pair, but (0, 0) and (1, 1) together are better.
    const result = assign(problem([[0.3, 1], [0.1, 0.5]]), 0.8); // prettier-ignore
    expect(result.matches).toEqual([[0, 0], [1, 1]]); // prettier-ignore
  });

  it('works with nothing', () => {
    expect(assign(problem([]), 1)).toEqual({ matches: [], unmatchedRows: [], unmatchedColumns: [] });
    const empty = { costs: new Float64Array(0), rowCount: 2, columnCount: 0 };
    expect(assign(empty, 1)).toEqual({ matches: [], unmatchedRows: [0, 1], unmatchedColumns: [] });
    expect(assign({ ...empty, rowCount: 0, columnCount: 2 }, 1).unmatchedColumns).toEqual([0, 1]);
  });

  it('gives equal pairs to the first row and the first column', () => {
    expect(assign(problem([[0.5, 0.5], [0.5, 0.5]]), 1).matches).toEqual([[0, 0], [1, 1]]); // prettier-ignore
    expect(assign(problem([[0.5], [0.5]]), 1).matches).toEqual([[0, 0]]);
    expect(assign(problem([[0.5, 0.5]]), 1).matches).toEqual([[0, 0]]);
  });

  it('reaches the optimum that trying everything finds', () => {
    const costs = fc.double({ min: -1, max: 2, noNaN: true });
    fc.assert(
      fc.property(matrices(costs), fc.double({ min: 0, max: 1.5, noNaN: true }), (rows, limit) => {
        const result = assign(problem(rows), limit);
        expectValid(rows, result);
        expect(total(rows, result.matches, limit)).toBeCloseTo(bruteForce(rows, limit), 9);
      }),
      { numRuns: 500 },
    );
  });

  it('reaches it among many ties, where most pairs are out of the question, and each time the same', () => {
    const costs = fc.constantFrom(0.1, 0.2, 0.3, 0.5, 1, 1);
    fc.assert(
      fc.property(matrices(costs), (rows) => {
        const result = assign(problem(rows), 0.5);
        expectValid(rows, result);
        expect(total(rows, result.matches, 0.5)).toBeCloseTo(bruteForce(rows, 0.5), 9);
        expect(assign(problem(rows), 0.5)).toEqual(result);
        for (const [row, column] of result.matches) expect(rows[row]![column]!).toBeLessThan(0.5);
      }),
      { numRuns: 500 },
    );
  });

  it('is optimal in a large dense problem: no exchange of two pairs lowers the sum', () => {
    const random = seededRandom(9);
    const rows = Array.from({ length: 120 }, () => Array.from({ length: 150 }, random));
    const { matches } = assign(problem(rows), 0.8);
    for (const [a, columnA] of matches) {
      for (const [b, columnB] of matches) {
        const kept = rows[a]![columnA]! + rows[b]![columnB]!;
        expect(kept).toBeLessThanOrEqual(rows[a]![columnB]! + rows[b]![columnA]! + 1e-9);
      }
    }
    expect(matches).toHaveLength(120);
  });
});
