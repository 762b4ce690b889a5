import { expect, test } from 'vitest';
import { threadCpuMs } from './usage.js';

test("reads a thread's processor time, whatever its name is", () => {
  expect(threadCpuMs('12 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 1')).toBe(3000);
});
