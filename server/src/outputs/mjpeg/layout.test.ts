import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { fitInside, gridColumns, gridLayout, singleLayout } from './layout.js';
import type { Rect } from './layout.js';
import { overlapPx } from './labels.js';

const inside = (inner: Rect, outer: Rect): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

describe('gridLayout', () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 2],
    [5, 3],
    [8, 3],
    [9, 3],
    [12, 4],
    [16, 4],
    [25, 5],
    [64, 8],
  ])('%d streams on 1280 x 720 have %d columns', (count, columns) => {
    expect(gridColumns(count, 1280, 720)).toBe(columns);
  });

  it('places any number of any sources apart, inside, and on even pixels', () => {
    const source = fc.oneof(
      fc.constant({ width: 0, height: 0 }),
      fc.record({ width: fc.integer({ min: 160, max: 3840 }), height: fc.integer({ min: 120, max: 2160 }) }),
    );
    const even = (min: number, max: number) => fc.integer({ min: min / 2, max: max / 2 }).map((half) => 2 * half);
    fc.assert(
      fc.property(
        fc.array(source, { minLength: 1, maxLength: 64 }),
        even(640, 3840),
        even(360, 2160),
        (sources, w, h) => {
          const { tiles, spare } = gridLayout(sources, w, h);
          const cells = [...tiles.map(({ cell }) => cell), ...spare];
          expect(tiles).toHaveLength(sources.length);
          for (const { cell, picture } of tiles) expect(inside(picture, cell)).toBe(true);
          for (const rect of [...cells, ...tiles.map(({ picture }) => picture)]) {
            expect(inside(rect, { x: 0, y: 0, width: w, height: h })).toBe(true);
            expect([rect.x % 2, rect.y % 2, rect.width % 2, rect.height % 2]).toEqual([0, 0, 0, 0]);
            expect(Math.min(rect.width, rect.height)).toBeGreaterThan(0);
          }
          cells.forEach((a, i) => cells.slice(i + 1).forEach((b) => expect(overlapPx(a, b)).toBe(0)));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keeps the aspect ratio of a 4:3 source', () => {
    const [tile] = gridLayout([{ width: 640, height: 480 }], 1280, 720).tiles;
    expect(tile!.picture).toEqual({ x: 160, y: 0, width: 960, height: 720 });
  });

  it('leaves no hair-thin bars beside a picture of nearly the right ratio', () => {
    for (const { cell, picture } of gridLayout(Array(8).fill({ width: 1920, height: 1080 }), 1280, 720).tiles)
      expect(picture).toEqual(cell);
  });
});

describe('singleLayout', () => {
  it.each([
    [1920, 1080, 1280, 720],
    [1280, 720, 1280, 720],
    [640, 480, 640, 480],
    [1080, 1920, 720, 1280],
    [0, 0, 1280, 720],
    [641, 361, 642, 362],
  ])('%d x %d is shown as %d x %d', (width, height, shownWidth, shownHeight) => {
    expect(singleLayout({ width, height })).toMatchObject({ width: shownWidth, height: shownHeight });
  });
});

it('fitInside centres', () => {
  expect(fitInside({ x: 10, y: 20, width: 100, height: 100 }, 2)).toEqual({ x: 10, y: 44, width: 100, height: 50 });
});
