import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containedRect, layOutWall, WALL_DEFAULTS } from './wall-layout.js';

describe('layOutWall', () => {
  it.each([
    [1, 1, 1],
    [2, 2, 1],
    [3, 2, 2],
    [4, 2, 2],
    [5, 3, 2],
    [6, 3, 2],
    [8, 3, 3],
    [9, 3, 3],
    [12, 4, 3],
    [16, 4, 4],
  ])('puts %i tiles into %i columns and %i rows at 1440 x 850', (count, columns, rows) => {
    const layout = layOutWall(count, 1440, 850);
    expect([layout.columns, layout.rows, layout.scrolls]).toEqual([columns, rows, false]);
  });

  it('uses a wide and a tall window differently', () => {
    expect(layOutWall(3, 2400, 500)).toMatchObject({ columns: 3, rows: 1 });
    expect(layOutWall(3, 700, 1400)).toMatchObject({ columns: 1, rows: 3 });
  });

  it('fills the window: cells and gaps add up, and eight pictures take most of it', () => {
    const { columns, rows, cellWidthPx, cellHeightPx, pictureWidthPx, pictureHeightPx } = layOutWall(8, 1440, 850);
    expect(columns * cellWidthPx + (columns - 1) * 6).toBeCloseTo(1440);
    expect(rows * cellHeightPx + (rows - 1) * 6).toBeCloseTo(850);
    expect((9 * pictureWidthPx * pictureHeightPx) / (1440 * 850)).toBeGreaterThan(0.8);
  });

  it('scrolls in one column on a phone', () => {
    expect(layOutWall(8, 390, 780)).toMatchObject({ columns: 1, rows: 8, scrolls: true, cellWidthPx: 390 });
  });

  it('scrolls where pictures would become too small to read', () => {
    const layout = layOutWall(64, 900, 500);
    expect(layout.scrolls).toBe(true);
    expect(layout.pictureWidthPx).toBeGreaterThanOrEqual(WALL_DEFAULTS.minPicturePx);
  });

  it('always has room for every tile, and pictures inside their cells', () => {
    const sizes = fc.integer({ min: 200, max: 5000 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), sizes, sizes, (count, width, height) => {
        const layout = layOutWall(count, width, height);
        expect(layout.columns * layout.rows - layout.freeCells).toBe(count);
        expect(layout.freeCells).toBeLessThan(layout.columns);
        expect(layout.pictureWidthPx).toBeLessThanOrEqual(layout.cellWidthPx + 1e-9);
        expect(layout.pictureHeightPx).toBeLessThanOrEqual(layout.cellHeightPx + 1e-9);
        expect(layout.pictureWidthPx).toBeGreaterThan(0);
      }),
    );
  });
});

describe('containedRect', () => {
  it('centres a picture as object-fit: contain does', () => {
    expect(containedRect(2, 100, 100)).toEqual({ x: 0, y: 25, width: 100, height: 50 });
    expect(containedRect(0.5, 100, 100)).toEqual({ x: 25, y: 0, width: 50, height: 100 });
  });
});
