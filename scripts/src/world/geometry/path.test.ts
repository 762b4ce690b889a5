import { describe, expect, it } from 'vitest';
import { Path } from './path.js';

describe('Path', () => {
  it('measures along its length and goes on straight beyond its ends', () => {
    const path = new Path([
      [0, 0],
      [10, 0],
      [10, 5],
    ]);
    expect(path.lengthM).toBe(15);
    expect(path.at(4)).toEqual({ x: 4, y: 0, headingRad: 0 });
    expect(path.at(12)).toEqual({ x: 10, y: 2, headingRad: Math.PI / 2 });
    expect(path.at(-3)).toMatchObject({ x: -3, y: 0 });
    expect(path.at(17)).toMatchObject({ x: 10, y: 7 });
  });

  it('rounds corners with arcs of the radius, turning either way', () => {
    for (const side of [-1, 1]) {
      const path = Path.rounded(
        [
          [0, 0],
          [50, 0],
          [50, side * 50],
        ],
        10,
      );
      expect(path.lengthM).toBeCloseTo(80 + 5 * Math.PI, 1);
      for (const [x, y] of path.points)
        if (x > 40.01 && Math.abs(y) < 9.99) expect(Math.hypot(x - 40, y - side * 10)).toBeCloseTo(10, 5);
    }
  });

  it('offsets to the left', () => {
    const lane = new Path([
      [0, 0],
      [0, 20],
    ]).offset(3);
    expect(lane.at(5)).toMatchObject({ x: -3, y: 5 });
    expect(lane.reversed().at(0)).toMatchObject({ x: -3, y: 20 });
  });

  it('smooths control points without sharp turns', () => {
    const path = Path.smooth([
      [0, 0],
      [10, 0],
      [20, 0],
      [20, 10],
      [20, 20],
    ]);
    let before = path.at(0).headingRad;
    for (let at = 0.5; at < path.lengthM; at += 0.5) {
      const heading = path.at(at).headingRad;
      expect(Math.abs(heading - before)).toBeLessThan(0.3);
      before = heading;
    }
  });
});
