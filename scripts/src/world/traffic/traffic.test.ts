import { describe, expect, it } from 'vitest';
import { prepareClip } from '../render-clip.js';
import { SCENES } from '../scenes/scenes.js';
import { groundPoint } from '../vehicles/placed.js';
import { touching } from './overlap.js';
import type { Traffic, TrafficVehicle } from './traffic.js';

const FPS = 25;

/** The same for a passage in all frames of the unrolled loop. */
const unrolled = (vehicle: TrafficVehicle, loop: number): string => `${vehicle.vehicle} ${loop - vehicle.lap}`;

function eachPair(traffic: Traffic, see: (before: TrafficVehicle, after: TrafficVehicle) => void): number {
  let seen = 0;
  for (let frame = 0; frame < traffic.frameCount; frame++) {
    const wraps = frame + 1 === traffic.frameCount;
    const next = new Map(
      traffic.at(wraps ? 0 : frame + 1).map((vehicle) => [unrolled(vehicle, wraps ? 1 : 0), vehicle]),
    );
    for (const vehicle of traffic.at(frame)) {
      const after = next.get(unrolled(vehicle, 0));
      if (!after) continue;
      see(vehicle, after);
      seen++;
    }
  }
  return seen;
}

describe.each(SCENES)('the shipped traffic of $name', { timeout: 30_000 }, (scene) => {
  const { world, traffic } = prepareClip({ scene, seed: scene.seed });
  const parked = traffic.models.filter((model) => model.parked).length;

  it('moves every vehicle at its speed from frame to frame, over the seam of the loop too', () => {
    let [worst, changed] = [0, 0];
    const pairs = eachPair(traffic, (before, after) => {
      if (before.vehicle > traffic.models.length - parked) return;
      const [a, b] = [groundPoint(before), groundPoint(after)];
      const moved = Math.hypot(b.x - a.x, b.y - a.y) * FPS * 3.6;
      // A vehicle's middle cuts corners, so in bends it is a little slower or faster than its axles.
      worst = Math.max(worst, Math.abs(moved - (before.speedKmh + after.speedKmh) / 2));
      if (before.model !== after.model || before.livery !== after.livery) changed++;
    });
    expect(changed).toBe(0);
    expect(pairs).toBeGreaterThan(traffic.frameCount * 5);
    expect(worst).toBeLessThan(3);
  });

  it('lets no two vehicles touch', () => {
    for (let frame = 0; frame < traffic.frameCount; frame += 7) {
      const vehicles = traffic.at(frame);
      vehicles.forEach((a, i) => {
        for (const b of vehicles.slice(i + 1)) {
          if (a.speedKmh === 0 && b.speedKmh === 0 && parked > 0) continue;
          if (touching(a, b)) expect.unreachable(`frame ${frame}: ${a.vehicle} and ${b.vehicle}`);
        }
      });
    }
  });

  it('goes at plausible speeds and brakes plausibly', () => {
    const desired = Math.max(...world.routes.map((route) => route.speedKmh));
    let [fastest, hardest] = [0, 0];
    eachPair(traffic, (before, after) => {
      fastest = Math.max(fastest, before.speedKmh);
      hardest = Math.max(hardest, Math.abs(after.speedKmh - before.speedKmh) * FPS);
    });
    expect(fastest).toBeLessThan(desired * 1.15);
    // 8 m/s2, in km/h per second.
    expect(hardest).toBeLessThan(8.1 * 3.6);
  });
});

describe('traffic', { timeout: 30_000 }, () => {
  const [motorway, , junction] = SCENES;

  it('is the same for the same seed and another for another', () => {
    const at = (seed: number): string => {
      const vehicles = prepareClip({ scene: motorway!, seed }).traffic.at(100);
      return JSON.stringify(vehicles.map(({ vehicle, parts, speedKmh }) => ({ vehicle, parts, speedKmh })));
    };
    expect(at(5)).toBe(at(5));
    expect(at(5)).not.toBe(at(6));
  });

  it('stops at the signal and goes on', () => {
    const { traffic } = prepareClip({ scene: junction!, seed: junction!.seed });
    const stopped = new Set<number>();
    const moving = new Set<number>();
    for (let frame = 0; frame < traffic.frameCount; frame += 5)
      for (const { vehicle, speedKmh } of traffic.at(frame)) (speedKmh < 1 ? stopped : moving).add(vehicle);
    expect([...stopped].filter((vehicle) => moving.has(vehicle)).length).toBeGreaterThan(3);
  });

  it('goes on without a loop for as long as is asked', () => {
    const { traffic } = prepareClip({ scene: motorway!, seed: 77, minutes: 0.5 });
    expect(traffic.frameCount).toBe(750);
    expect(traffic.loops).toBe(false);
    expect(traffic.at(0).length).toBeGreaterThan(5);
    expect(traffic.at(749).every(({ lap }) => lap === 0)).toBe(true);
    expect(traffic.at(749).length).toBeGreaterThan(5);
  });
});
