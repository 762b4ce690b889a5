import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyHomography, Camera, type CameraPlacement } from './camera.js';

const placements = fc.record<CameraPlacement>({
  position: fc.tuple(
    fc.double({ min: -50, max: 50, noNaN: true }),
    fc.double({ min: -50, max: 50, noNaN: true }),
    fc.double({ min: 3, max: 40, noNaN: true }),
  ),
  panDeg: fc.double({ min: -360, max: 360, noNaN: true }),
  tiltDeg: fc.double({ min: 5, max: 85, noNaN: true }),
  fovDeg: fc.double({ min: 20, max: 90, noNaN: true }),
});

describe('Camera', () => {
  it('shows what it looks at in the middle, what is right of that to the right, and higher things higher', () => {
    const camera = new Camera({ position: [0, 0, 10], panDeg: 90, tiltDeg: 45, fovDeg: 60 }, 640, 360);
    const [x, y, depth] = camera.project(0, 10, 0);
    expect([x, y]).toEqual([expect.closeTo(320, 6), expect.closeTo(180, 6)]);
    expect(depth).toBeCloseTo(Math.hypot(10, 10));
    expect(camera.project(3, 10, 0)[0]).toBeGreaterThan(320);
    expect(camera.project(0, 10, 2)[1]).toBeLessThan(180);
    expect(camera.project(0, -20, 0)[2]).toBeLessThan(0);
  });

  it('has the horizontal angle of view that was asked for', () => {
    const camera = new Camera({ position: [0, 0, 5], panDeg: 0, tiltDeg: 0, fovDeg: 90 }, 640, 360);
    expect(camera.project(10, -10, 5)[0]).toBeCloseTo(640);
    expect(camera.project(10, 10, 5)[0]).toBeCloseTo(0);
  });

  it('takes ground points to pixels and back with its homographies, as projection does', () => {
    fc.assert(
      fc.property(
        placements,
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        fc.double({ min: 0.5, max: 0.98, noNaN: true }),
        (placement, u, v) => {
          const camera = new Camera(placement, 640, 360);
          const [px, py] = [u * 640, v * 360];
          const [x, y] = applyHomography(camera.imageToGround(), px, py);
          // Only rays that meet the ground before the horizon.
          const [backX, backY, depth] = camera.project(x, y, 0);
          fc.pre(depth > 0 && depth < 2000);
          expect(backX).toBeCloseTo(px, 4);
          expect(backY).toBeCloseTo(py, 4);
          const again = applyHomography(camera.groundToImage(), x, y);
          expect(again[0]).toBeCloseTo(px, 4);
          expect(again[1]).toBeCloseTo(py, 4);
        },
      ),
    );
  });
});
