import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReferenceNms } from './nms-reference.js';

type Box = [x1: number, y1: number, x2: number, y2: number];

function suppress(boxes: Box[], scores: number[], iouThreshold = 0.5, room = 300): number[] {
  const kept = new Int32Array(room);
  const input = {
    count: boxes.length,
    boxes: Float32Array.from(boxes.flat()),
    scores: Float32Array.from(scores),
    classes: null,
    iouThreshold,
    scoreThreshold: -Infinity,
  };
  return [...kept.subarray(0, new ReferenceNms().suppress(input, kept))];
}

/** IoU as the definition says, written with a Float32Array doing the rounding. */
function iou(a: Box, b: Box): number {
  const f = new Float32Array(1);
  const round = (value: number) => ((f[0] = value), f[0]);
  const [ax1, ay1, ax2, ay2] = a.map(round) as Box;
  const [bx1, by1, bx2, by2] = b.map(round) as Box;
  const side = (from: number, to: number) => Math.max(0, round(to - from));
  const areaA = round(side(ax1, ax2) * side(ay1, ay2));
  const areaB = round(side(bx1, bx2) * side(by1, by2));
  const both = round(side(Math.max(ax1, bx1), Math.min(ax2, bx2)) * side(Math.max(ay1, by1), Math.min(ay2, by2)));
  return round(both / round(round(areaA + areaB) - both));
}

const coordinate = fc.integer({ min: 0, max: 60 }).map((value) => value / 2);
const anyBox = fc
  .tuple(coordinate, coordinate, coordinate, coordinate)
  .map(([x, y, width, height]): Box => [x, y, x + width, y + height]);

describe('ReferenceNms', () => {
  it('keeps a box exactly if no better kept box overlaps it too much', () => {
    const score = fc.integer({ min: 0, max: 8 }).map((value) => value / 8);
    const scored = fc.array(fc.tuple(anyBox, score), { maxLength: 40 });
    fc.assert(
      fc.property(scored, fc.double({ min: 0, max: 1, noNaN: true }), (list, threshold) => {
        const boxes = list.map(([box]) => box);
        const scores = list.map(([, score]) => score);
        const kept = suppress(boxes, scores, threshold);
        const better = (a: number, b: number) => scores[a]! > scores[b]! || (scores[a] === scores[b] && a < b);
        kept.slice(1).forEach((index, i) => expect(better(kept[i]!, index)).toBe(true));
        boxes.forEach((box, index) => {
          const suppressor = kept.find((k) => better(k, index) && iou(boxes[k]!, box) > Math.fround(threshold));
          expect(kept.includes(index)).toBe(suppressor === undefined);
        });
      }),
    );
  });

  it('does not depend on the order of boxes with different scores', () => {
    const distinct = fc.uniqueArray(fc.tuple(anyBox, fc.float({ min: 0, max: 1, noNaN: true })), {
      selector: ([, s]) => s + 0,
      maxLength: 30,
    });
    fc.assert(
      fc.property(distinct, (list) => {
        const run = (items: typeof list) =>
          suppress(
            items.map(([b]) => b),
            items.map(([, s]) => s),
          ).map((i) => items[i]);
        expect(run([...list].reverse())).toEqual(run(list));
      }),
    );
  });

  it('stops when there is no more room', () => {
    const boxes = Array.from({ length: 9 }, (_, i): Box => [20 * i, 0, 20 * i + 9, 9]);
    expect(suppress(boxes, [1, 2, 3, 4, 5, 6, 7, 8, 9], 0.5, 3)).toEqual([8, 7, 6]);
  });
});
