import { expect, it } from 'vitest';
import { acceleration, type DriverTraits } from './driver.js';

const TRAITS: DriverTraits = {
  desiredMps: 20,
  acceleration: 1.5,
  comfortableBraking: 2,
  headwayS: 1.2,
  standstillM: 2,
};

it('accelerates on a free road and settles at the desired speed', () => {
  expect(acceleration(TRAITS, 0, Infinity, Infinity, 0)).toBeCloseTo(1.5);
  expect(acceleration(TRAITS, 20, Infinity, Infinity, 0)).toBeCloseTo(0);
  expect(acceleration(TRAITS, 20, 15, Infinity, 0)).toBeLessThan(0);
});

it('follows at its headway', () => {
  const gap = TRAITS.standstillM + 10 * TRAITS.headwayS;
  const free = acceleration(TRAITS, 10, Infinity, Infinity, 0);
  expect(acceleration(TRAITS, 10, Infinity, gap, 10)).toBeCloseTo(free - TRAITS.acceleration);
});

it('stops behind an obstacle without touching it', () => {
  let [at, speed] = [0, 20];
  for (let step = 0; step < 25 * 30; step++) {
    speed = Math.max(0, speed + acceleration(TRAITS, speed, Infinity, 120 - at, 0) / 25);
    at += speed / 25;
  }
  expect(speed).toBeLessThan(0.05);
  expect(at).toBeLessThan(120 - 1);
  expect(at).toBeGreaterThan(115);
});
