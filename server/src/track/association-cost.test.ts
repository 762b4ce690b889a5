import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssociationCosts, type Corners } from './association-cost.js';

const box = (x1: number, y1: number, x2: number, y2: number): Corners => ({ x1, y1, x2, y2 });

/** By counting: the boxes' pixels, both corners included. */
function countedIou(a: Corners, b: Corners): number {
  let common = 0;
  let either = 0;
  for (let x = 0; x <= 20; x++) {
    for (let y = 0; y <= 20; y++) {
      const inA = x >= a.x1 && x <= a.x2 && y >= a.y1 && y <= a.y2;
      const inB = x >= b.x1 && x <= b.x2 && y >= b.y1 && y <= b.y2;
      if (inA && inB) common++;
      if (inA || inB) either++;
    }
  }
  return common / either;
}

describe('AssociationCosts', () => {
  it('counts corners as pixels of the box', () => {
    const { costs } = new AssociationCosts().iou(
      [box(0, 0, 9, 9)],
      [box(0, 0, 9, 9), box(5, 0, 14, 9), box(9, 9, 20, 20)],
    );
    expect([...costs]).toEqual([0, 1 - 50 / 150, 1 - 1 / (100 + 144 - 1)]);
  });

  it('costs 1 where boxes are apart, even by one pixel', () => {
    expect([...new AssociationCosts().iou([box(0, 0, 9, 9)], [box(10, 0, 19, 9), box(0, 10, 9, 19)]).costs]).toEqual([
      1, 1,
    ]);
  });

  it('weighs the overlap with the score of the column', () => {
    const { costs } = new AssociationCosts().fused([box(0, 0, 9, 9)], [{ ...box(0, 0, 9, 9), score: 0.6 }]);
    expect(costs[0]).toBeCloseTo(0.4, 12);
  });

  it('has the shape of its lists, also the empty ones, and keeps nothing of the call before', () => {
    const costs = new AssociationCosts();
    const many = Array.from({ length: 30 }, (_, i) => box(i, i, i + 20, i + 20));
    expect(costs.iou(many, many)).toMatchObject({ rowCount: 30, columnCount: 30 });
    const small = costs.iou([box(0, 0, 9, 9)], [box(500, 0, 509, 9)]);
    expect([...small.costs]).toEqual([1]);
    expect(costs.iou([], many).costs).toHaveLength(0);
    expect(costs.iou(many, [])).toMatchObject({ rowCount: 30, columnCount: 0 });
  });

  it('is what counting pixels gives', () => {
    const side = fc.integer({ min: 0, max: 10 });
    const boxes = fc.array(
      fc.tuple(side, side, side, side).map(([x, y, w, h]) => box(x, y, x + w, y + h)),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(boxes, boxes, (rows, columns) => {
        const { costs } = new AssociationCosts().iou(rows, columns);
        rows.forEach((row, r) =>
          columns.forEach((column, c) =>
            expect(costs[r * columns.length + c]).toBeCloseTo(1 - countedIou(row, column), 12),
          ),
        );
      }),
    );
  });
});
