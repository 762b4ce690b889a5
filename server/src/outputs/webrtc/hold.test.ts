import { expect, it } from 'vitest';
import { Hold } from './hold.js';

it('is zero until something was measured', () => {
  expect(new Hold().update()).toBe(0);
});

it('rises at once to the 95th percentile and a margin, within its bounds', () => {
  const hold = new Hold({ marginMs: 10, maxMs: 200 });
  for (let i = 1; i <= 100; i++) hold.record(i);
  expect(hold.update()).toBe(105);
  for (let i = 0; i < 200; i++) hold.record(5000);
  expect(hold.update()).toBe(200);
});

it('falls slowly: video does not jump ahead at every lull', () => {
  const hold = new Hold({ marginMs: 0, window: 10, fallShare: 0.1 });
  for (let i = 0; i < 10; i++) hold.record(100);
  hold.update();
  for (let i = 0; i < 10; i++) hold.record(20);
  expect(hold.update()).toBeCloseTo(92);
  for (let i = 0; i < 100; i++) hold.update();
  expect(hold.ms).toBeCloseTo(20, 0);
});

it('follows whoever detects now, up at once and down as soon as that is known well enough', () => {
  const hold = new Hold({ marginMs: 0 });
  for (let i = 0; i < 150; i++) hold.record(30);
  expect(hold.update()).toBe(30);
  hold.sourceChanged();
  expect(hold.update()).toBe(30);
  for (let i = 0; i < 3; i++) hold.record(250);
  expect(hold.update()).toBe(250);
  for (let i = 0; i < 60; i++) hold.record(250);
  hold.update();
  hold.sourceChanged();
  for (let i = 0; i < 10; i++) hold.record(30);
  expect(hold.update()).toBeGreaterThan(200);
  for (let i = 0; i < 10; i++) hold.record(30);
  expect(hold.update()).toBe(30);
});
