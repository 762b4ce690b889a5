import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TypeScriptNms } from './typescript-nms.js';

type Box = [x1: number, y1: number, x2: number, y2: number];

function suppress(
  boxes: Box[],
  scores: number[],
  iouThreshold = 0.5,
  classes: number[] | null = null,
  room = 300,
): number[] {
  const nms = new TypeScriptNms();
  const kept = new Int32Array(room);
  const input = {
    count: boxes.length,
    boxes: Float32Array.from(boxes.flat()),
    scores: Float32Array.from(scores),
    classes: classes && Float32Array.from(classes),
  };
  const count = nms.suppress(input, iouThreshold, kept);
  nms.close();
  return [...kept.subarray(0, count)];
}

/** IoU as the interface defines it, written with a Float32Array doing the rounding. */
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

const square = (x: number, y: number, side = 10): Box => [x, y, x + side, y + side];

describe('TypeScriptNms', () => {
  it.each<[string, Box[], number[], number[]]>([
    ['nothing', [], [], []],
    ['one box', [square(0, 0)], [0.5], [0]],
    ['the better of two that overlap', [square(0, 0), square(1, 1)], [0.5, 0.9], [1]],
    ['both of two apart, best first', [square(0, 0), square(20, 0)], [0.5, 0.9], [1, 0]],
    ['the first of equals', [square(0, 0), square(0, 0), square(0, 0)], [0.5, 0.5, 0.5], [0]],
    ['a box whose suppressor was suppressed', [square(0, 0), square(3, 0), square(6, 0)], [0.9, 0.8, 0.7], [0, 2]],
  ])('keeps %s', (_, boxes, scores, kept) => expect(suppress(boxes, scores)).toEqual(kept));

  it('suppresses above the threshold, not at it', () => {
    // Two 1 x 2 boxes that share half: IoU is exactly 1/3 in float32.
    const boxes: Box[] = [
      [0, 0, 1, 2],
      [0, 1, 1, 3],
    ];
    const third = Math.fround(1 / 3);
    expect(suppress(boxes, [0.9, 0.8], third)).toEqual([0, 1]);
    expect(suppress(boxes, [0.9, 0.8], third - 2 ** -24)).toEqual([0]);
  });

  it('leaves other classes alone if it is told of classes', () => {
    const boxes = [square(0, 0), square(1, 0), square(2, 0)];
    expect(suppress(boxes, [0.9, 0.8, 0.7], 0.5, [0, 1, 0])).toEqual([0, 1]);
    expect(suppress(boxes, [0.9, 0.8, 0.7], 0.5, null)).toEqual([0]);
  });

  it('stops when there is no more room', () => {
    const boxes = Array.from({ length: 9 }, (_, i) => square(20 * i, 0));
    expect(suppress(boxes, [1, 2, 3, 4, 5, 6, 7, 8, 9], 0.5, null, 3)).toEqual([8, 7, 6]);
  });

  it('drops what is not finite, and lets it suppress nothing', () => {
    const boxes: Box[] = [square(0, 0), [0, 0, NaN, 10], [-Infinity, 0, Infinity, 10], square(0, 0), square(0, 0)];
    expect(suppress(boxes, [0.1, 0.9, 0.9, NaN, Infinity])).toEqual([0]);
  });

  it('keeps boxes without area or inverted, which touch nothing', () => {
    const boxes: Box[] = [square(0, 0), [5, 5, 5, 5], [5, 5, 5, 5], [9, 9, 1, 1]];
    expect(suppress(boxes, [0.9, 0.8, 0.7, 0.6])).toEqual([0, 1, 2, 3]);
  });

  it('keeps boxes whose areas overflow', () => {
    const huge: Box = [-3e38, -3e38, 3e38, 3e38];
    expect(suppress([huge, huge], [0.9, 0.8])).toEqual([0, 1]);
  });

  const coordinate = fc.integer({ min: 0, max: 60 }).map((value) => value / 2);
  const anyBox = fc
    .tuple(coordinate, coordinate, coordinate, coordinate)
    .map(([x, y, width, height]): Box => [x, y, x + width, y + height]);
  const scored = fc.array(
    fc.tuple(
      anyBox,
      fc.integer({ min: 0, max: 8 }).map((value) => value / 8),
    ),
    { maxLength: 40 },
  );

  it('keeps a box exactly if no better kept box overlaps it too much', () => {
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
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(anyBox, fc.float({ min: 0, max: 1, noNaN: true })), {
          selector: ([, s]) => s,
          maxLength: 30,
        }),
        (list) => {
          const run = (items: typeof list) =>
            suppress(
              items.map(([b]) => b),
              items.map(([, s]) => s),
            ).map((i) => items[i]);
          expect(run([...list].reverse())).toEqual(run(list));
        },
      ),
    );
  });
});
