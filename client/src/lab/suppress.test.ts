import { describe, expect, it } from 'vitest';
import { overlap, suppress } from './suppress.js';

const rows = (...list: number[][]): Float32Array => Float32Array.from(list.flat());

describe('suppress', () => {
  it('keeps the best of boxes that overlap, whatever their class, and all that stand apart', () => {
    const boxes = suppress(
      rows([0.5, 0.5, 0.2, 0.2, 0.9, 0], [0.51, 0.5, 0.2, 0.2, 0.8, 3], [0.8, 0.5, 0.2, 0.2, 0.7, 1]),
      0.45,
      0.3,
    );
    expect(boxes.map(({ score }) => score.toFixed(1))).toEqual(['0.9', '0.7']);
    expect(boxes[0]).toMatchObject({ classIndex: 0 });
    expect(boxes[0]!.x).toBeCloseTo(0.4, 6);
  });

  it('ends at the first row below the threshold', () => {
    expect(suppress(rows([0.5, 0.5, 0.1, 0.1, 0.2, 0]), 0.45, 0.3)).toEqual([]);
  });
});

describe('overlap', () => {
  const box = (x: number, width: number) => ({ x, y: 0, width, height: 1, score: 1, classIndex: 0 });
  it.each([
    [box(0, 1), box(0, 1), 1],
    [box(0, 1), box(0.5, 1), 1 / 3],
    [box(0, 1), box(1, 1), 0],
    [box(0, 1), box(3, 1), 0],
  ])('is intersection over union', (a, b, expected) => {
    expect(overlap(a, b)).toBeCloseTo(expected, 6);
  });
});
