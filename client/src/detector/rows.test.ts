import { letterbox, toSource } from '@lanecast/server/core/geometry';
import { describe, expect, it } from 'vitest';
import { candidateRows, finishRows, ROW_FIELDS } from './rows.js';

const box = letterbox(1280, 720, 576, 320);
const limits = { maxRows: 100, classCount: 4 };

/** A model's output `[6,N]` of these rows. */
function outputOf(rows: readonly (readonly number[])[]): Float32Array {
  return Float32Array.from(Array.from({ length: ROW_FIELDS }, (_, field) => rows.map((row) => row[field]!)).flat());
}

describe('candidateRows', () => {
  it('keeps what is at or above the threshold, field by field', () => {
    const rows = [
      [10, 20, 30, 40, 0.25, 1],
      [1, 2, 3, 4, 0.1, 0],
      [5, 6, 7, 8, 0.5, 2],
      [9, 9, 9, 9, NaN, 0],
    ];
    expect([...candidateRows(outputOf(rows), 0.25)]).toEqual([...rows[0]!, ...rows[2]!]);
    expect(candidateRows(outputOf(rows), 0.9)).toHaveLength(0);
  });
});

describe('finishRows', () => {
  it('undoes the letterbox as the server does', () => {
    const [row] = [finishRows(Float32Array.of(288, 160, 100, 50, 0.9, 3), box, limits)];
    const [x, y] = toSource(box, 288, 160);
    const [left, top] = toSource(box, 238, 135);
    expect(row[0]! * 1280).toBeCloseTo(x, 2);
    expect(row[1]! * 720).toBeCloseTo(y, 2);
    expect(row[2]! * 1280).toBeCloseTo(2 * (x - left), 2);
    expect(row[3]! * 720).toBeCloseTo(2 * (y - top), 2);
    expect(row[4]).toBeCloseTo(0.9, 6);
    expect(row[5]).toBe(3);
  });

  it('gives the best first, and no more than asked for', () => {
    const rows = Float32Array.from([0.3, 0.9, 0.5, 0.7].flatMap((score) => [50, 50, 9, 9, score, 0]));
    const finished = finishRows(rows, box, { ...limits, maxRows: 3 });
    expect([0, 1, 2].map((k) => finished[k * ROW_FIELDS + 4]!.toFixed(1))).toEqual(['0.9', '0.7', '0.5']);
    expect(finished).toHaveLength(3 * ROW_FIELDS);
  });

  it.each([
    ['no area', [50, 50, 0, 9, 0.9, 0]],
    ['a negative side', [50, 50, 9, -9, 0.9, 0]],
    ['NaN', [NaN, 50, 9, 9, 0.9, 0]],
    ['infinity', [50, 50, Infinity, 9, 0.9, 0]],
    ['an unknown class', [50, 50, 9, 9, 0.9, 4]],
  ])('leaves out a row with %s', (_, row) => {
    expect(finishRows(Float32Array.from(row), box, limits)).toHaveLength(0);
  });
});
