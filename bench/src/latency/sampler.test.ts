import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Sampler } from './sampler.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('takes values until it is stopped, and leaves out what could not be had', async () => {
  const answers = [() => Promise.resolve(5), () => Promise.reject(new Error('busy')), () => Promise.resolve(null)];
  let asked = 0;
  const sampler = new Sampler(() => (answers[asked++] ?? (() => Promise.resolve(9)))(), 100);
  await vi.advanceTimersByTimeAsync(450);
  expect(await sampler.stop()).toEqual([5, 9]);
  await vi.advanceTimersByTimeAsync(500);
  expect(await sampler.stop()).toEqual([5, 9]);
  expect(asked).toBe(4);
});
