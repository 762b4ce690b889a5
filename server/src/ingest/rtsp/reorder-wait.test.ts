import { expect, it } from 'vitest';
import { ReorderWait } from './reorder-wait.js';

it('waits the least while nothing comes out of order', () => {
  expect(new ReorderWait({ minMs: 30, maxMs: 300 }).currentMs(5000)).toBe(30);
});

it('waits for packets as late as the latest, and a quarter more, but never beyond the limit', () => {
  const wait = new ReorderWait({ minMs: 30, maxMs: 300 });
  wait.cameAfter(120, 1000);
  wait.cameAfter(40, 1100);
  expect(wait.currentMs(1200)).toBe(150);
  wait.cameAfter(900, 1300);
  expect(wait.currentMs(1400)).toBe(300);
});

it('forgets within twenty seconds', () => {
  const wait = new ReorderWait({ minMs: 30, maxMs: 300 });
  wait.cameAfter(200, 1000);
  expect(wait.currentMs(12_000)).toBe(250);
  wait.cameAfter(80, 12_500);
  expect(wait.currentMs(22_500)).toBe(100);
  expect(wait.currentMs(60_000)).toBe(30);
});
