import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LabelRequest, overlapArea, placeLabels } from './label-placement.js';

const BOUNDS = { x: 0, y: 0, width: 640, height: 360 };

function label(x: number, y: number, priority = 1): LabelRequest {
  return { box: { x, y, width: 60, height: 40 }, width: 80, height: 16, priority };
}

describe('placeLabels', () => {
  it('puts a label above its box', () => {
    expect(placeLabels([label(100, 100)], BOUNDS)).toEqual([{ x: 100, y: 84, width: 80, height: 16 }]);
  });

  it('keeps a label inside the picture', () => {
    expect(placeLabels([label(600, 4)], BOUNDS)[0]).toMatchObject({ x: 560 });
  });

  it('gives the better place to the higher priority, and another to the other', () => {
    const [low, high] = placeLabels([label(100, 100, 1), label(110, 102, 2)], BOUNDS);
    expect(high).toMatchObject({ x: 110, y: 86 });
    expect(low).not.toBeNull();
    expect(overlapArea(low!, high!)).toBe(0);
  });

  it('leaves out labels of boxes outside the picture, and labels larger than it', () => {
    expect(placeLabels([label(700, 100)], BOUNDS)).toEqual([null]);
    expect(placeLabels([{ ...label(10, 10), width: 700 }], BOUNDS)).toEqual([null]);
  });

  it('never piles labels up, however many there are, and always places the first', () => {
    const requests = fc.array(
      fc.record({
        box: fc.record({
          x: fc.integer({ min: 0, max: 600 }),
          y: fc.integer({ min: 0, max: 320 }),
          width: fc.integer({ min: 5, max: 200 }),
          height: fc.integer({ min: 5, max: 100 }),
        }),
        width: fc.integer({ min: 20, max: 120 }),
        height: fc.constant(16),
        priority: fc.integer({ min: 0, max: 5 }),
      }),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(requests, (all) => {
        const placed = placeLabels(all, BOUNDS).filter((place) => place !== null);
        expect(placed.length).toBeGreaterThan(0);
        placed.forEach((a, i) => {
          expect(a.x >= 0 && a.y >= 0 && a.x + a.width <= 640 && a.y + a.height <= 360).toBe(true);
          for (const b of placed.slice(i + 1))
            expect(overlapArea(a, b)).toBeLessThanOrEqual(0.04 * Math.max(a.width, b.width) * 16 + 1e-9);
        });
      }),
    );
  });
});
