import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '@lanecast/server/core/random';
import { boxesAt, standardBoxes, type MovingBox, type Scene } from './scene.js';

const CAR: MovingBox = { widthPx: 64, heightPx: 36, speedPxPerS: 120, axis: 'x', lanePx: 80, phase: 0, luma: 200 };
const scene = (...boxes: MovingBox[]): Scene => ({ widthPx: 640, heightPx: 360, durationS: 10, boxes });

describe('boxesAt', () => {
  it('moves a box at its speed from outside to outside', () => {
    const road = scene(CAR);
    expect(boxesAt(road, 0)).toEqual([]);
    expect(boxesAt(road, 1)).toEqual([{ id: 0, box: [56, 80, 64, 36], visible: 1 }]);
    expect(boxesAt(road, 0.25)[0]).toMatchObject({ box: [-34, 80, 64, 36], visible: 30 / 64 });
  });

  it('moves the other way and down', () => {
    const [left] = boxesAt(scene({ ...CAR, speedPxPerS: -120 }), 5);
    const [later] = boxesAt(scene({ ...CAR, speedPxPerS: -120 }), 5.5);
    expect(later!.box[0] - left!.box[0]).toBeCloseTo(-60);
    expect(boxesAt(scene({ ...CAR, axis: 'y' }), 1)[0]).toMatchObject({ box: [80, 84, 64, 36] });
  });

  it('has no seam, and no jump while a box shows', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0, max: 9.9, noNaN: true }), (seed, timeS) => {
        const road = scene(...standardBoxes(360, seededRandom(seed)));
        const now = boxesAt(road, timeS);
        const loopLater = boxesAt(road, timeS + road.durationS);
        for (const { id, box } of now) {
          const again = loopLater.find((other) => other.id === id);
          // At the very edge a rounding error decides whether it shows.
          if (again !== undefined) expect(again.box[0]).toBeCloseTo(box[0], 6);
          const next = boxesAt(road, timeS + 0.04).find((other) => other.id === id);
          if (next !== undefined) expect(next.box[0] - box[0]).toBeCloseTo(road.boxes[id]!.speedPxPerS * 0.04, 6);
        }
      }),
    );
  });

  it('refuses a box that cannot cross in time', () => {
    expect(() => boxesAt(scene({ ...CAR, speedPxPerS: 10 }), 0)).toThrow(
      expect.objectContaining({
        code: 'clip-too-short',
        message: expect.stringContaining('at least 70.4 s') as string,
      }),
    );
  });

  it('leaves a standing box where its phase says', () => {
    expect(boxesAt(scene({ ...CAR, speedPxPerS: 0, phase: 0.5 }), 3)[0]).toMatchObject({ box: [288, 80, 64, 36] });
  });
});
