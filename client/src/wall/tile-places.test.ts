import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Place, placeTiles } from './tile-places.js';

function overlaps(a: Place, b: Place): boolean {
  const slack = 0.01;
  return (
    a.x + a.width > b.x + slack &&
    b.x + b.width > a.x + slack &&
    a.y + a.height > b.y + slack &&
    b.y + b.height > a.y + slack
  );
}

describe('placeTiles', () => {
  it('gives the cells that no tile takes to the overview', () => {
    const { tiles, overview } = placeTiles(8, null, 1440, 850);
    expect(overview!.x).toBeCloseTo(tiles[2]!.place.x);
    expect(overview!.y).toBeCloseTo(tiles[6]!.place.y);
    expect(overview!.x + overview!.width).toBeCloseTo(1440);
    expect(placeTiles(9, null, 1440, 850).overview).toBeNull();
    expect(placeTiles(8, null, 390, 780).overview).toBeNull();
  });

  it('gives the overview what two pictures leave of the window, below or beside them', () => {
    const below = placeTiles(2, null, 1440, 850);
    expect(below.overview).toMatchObject({ x: 0, width: 1440 });
    expect(below.overview!.height).toBeGreaterThan(350);
    expect(below.overview!.y + below.overview!.height).toBeCloseTo(850);
    const beside = placeTiles(1, null, 2000, 700);
    expect(beside.overview!.x + beside.overview!.width).toBeCloseTo(2000);
    expect(beside.overview!.height).toBe(700);
  });

  it('makes the focused tile large and keeps the others in a strip', () => {
    const { tiles } = placeTiles(8, 3, 1440, 850);
    expect(tiles[3]!.size).toBe('full');
    expect(tiles[3]!.place.width).toBeGreaterThan(1100);
    expect(tiles.filter(({ size }) => size === 'mini')).toHaveLength(7);
  });

  it('puts the others below the focused one on a phone', () => {
    const { tiles, contentHeightPx } = placeTiles(5, 0, 390, 780);
    expect(tiles[0]!.place).toMatchObject({ x: 0, y: 0, width: 390 });
    expect(tiles[1]!.place.y).toBeGreaterThan(tiles[0]!.place.height);
    expect(contentHeightPx).toBeGreaterThanOrEqual(780);
  });

  it('shows the wall when the focused tile is gone', () => {
    expect(placeTiles(2, 7, 1440, 850).tiles.every(({ size }) => size === 'tile')).toBe(true);
  });

  it('never lets tiles overlap or leave the width, at any size', () => {
    const arbitrary = fc.tuple(
      fc.integer({ min: 1, max: 36 }),
      fc.option(fc.integer({ min: 0, max: 35 })),
      fc.integer({ min: 320, max: 3840 }),
      fc.integer({ min: 480, max: 2160 }),
    );
    fc.assert(
      fc.property(arbitrary, ([count, focused, width, height]) => {
        const { tiles, overview, contentHeightPx } = placeTiles(count, focused, width, height);
        const all = [...tiles.map(({ place }) => place), ...(overview ? [overview] : [])];
        all.forEach((a, i) => {
          expect(a.x).toBeGreaterThanOrEqual(0);
          expect(a.x + a.width).toBeLessThanOrEqual(width + 0.01);
          expect(a.y + a.height).toBeLessThanOrEqual(contentHeightPx + 0.01);
          for (const b of all.slice(i + 1)) expect(overlaps(a, b)).toBe(false);
        });
      }),
    );
  });
});
