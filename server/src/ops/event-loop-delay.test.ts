import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { EventLoopDelay } from './event-loop-delay.js';

it('sees a blocked event loop, and nothing before it has looked', async () => {
  const delay = new EventLoopDelay();
  expect(delay.p99Ms()).toBe(0);
  await sleep(30);
  const until = performance.now() + 120;
  while (performance.now() < until);
  await sleep(30);
  expect(delay.p99Ms()).toBeGreaterThan(50);
  delay.close();
  delay.close();
});
