import { describe, expect, it } from 'vitest';
import { seededRandom } from '@lanecast/server/core/random';
import { Path } from '../geometry/path.js';
import { MODELS } from './catalogue.js';
import { chooseModel } from './choice.js';
import { groundPoint, posesAt, posesOnPath } from './placed.js';

describe.each(MODELS)('the $name', (model) => {
  it('has a mesh of the size it claims, on the ground', () => {
    const low = [Infinity, Infinity, Infinity];
    const high = [-Infinity, -Infinity, -Infinity];
    for (const { mesh, centreM } of model.parts) {
      for (let k = 0; k < mesh.positions.length; k++) {
        const value = mesh.positions[k]! + (k % 3 === 0 ? centreM : 0);
        low[k % 3] = Math.min(low[k % 3]!, value);
        high[k % 3] = Math.max(high[k % 3]!, value);
      }
    }
    expect(high[0]! - low[0]!).toBeGreaterThan(model.lengthM - 0.15);
    expect(high[0]! - low[0]!).toBeLessThan(model.lengthM + 0.2);
    // Mirrors stand out.
    expect(high[1]! - low[1]!).toBeGreaterThan(model.widthM - 0.12);
    expect(high[1]! - low[1]!).toBeLessThan(model.widthM + 0.65);
    expect(high[2]).toBeGreaterThan(model.heightM - 0.15);
    expect(high[2]).toBeLessThan(model.heightM + 0.25);
    expect(low[2]).toBeGreaterThan(-0.01);
    expect(low[2]).toBeLessThan(0.02);
  });

  it('has normals of unit length', () => {
    for (const { mesh } of model.parts)
      for (let k = 0; k < mesh.normals.length; k += 3)
        expect(Math.hypot(mesh.normals[k]!, mesh.normals[k + 1]!, mesh.normals[k + 2]!)).toBeCloseTo(1, 4);
  });

  it('follows a path with its middle where it is asked to be', () => {
    const straight = new Path([
      [0, 0],
      [0, 100],
    ]);
    const vehicle = {
      id: 1,
      model,
      livery: { paint: [0, 0, 0], second: [0, 0, 0], third: [0, 0, 0] },
      speedKmh: 0,
      braking: false,
    } as const;
    for (const parts of [posesOnPath(model, straight, 40), posesAt(model, { x: 0, y: 40, headingRad: Math.PI / 2 })]) {
      const ground = groundPoint({ ...vehicle, parts });
      expect(ground.x).toBeCloseTo(0);
      expect(ground.y).toBeCloseTo(40);
    }
  });
});

it('chooses no longer vehicle than is allowed, and every class of the mix', () => {
  const random = seededRandom(4);
  const mix = { car: 1, van: 1, truck: 1, bus: 1, motorcycle: 1 };
  const chosen = Array.from({ length: 300 }, () => chooseModel(mix, random, 9));
  expect(Math.max(...chosen.map((model) => model.lengthM))).toBeLessThanOrEqual(9);
  expect(new Set(chosen.map((model) => model.class)).size).toBe(4);
});
