import { expect, it } from 'vitest';
import { threadCount } from './thread-count.js';

it.each([
  [1, 1],
  [2, 2],
  [4, 2],
  [6, 4],
  [32, 4],
])('%i cores: %i threads', (cores, threads) => {
  expect(threadCount(cores, true)).toBe(threads);
  expect(threadCount(cores, false)).toBe(1);
});
