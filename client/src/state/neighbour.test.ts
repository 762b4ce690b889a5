import { expect, it } from 'vitest';
import { neighbour } from './neighbour.js';

it.each([
  [0, 3, 1, 1],
  [2, 3, 1, 0],
  [0, 3, -1, 2],
  [-1, 3, 1, 0],
  [-1, 3, -1, 2],
  [0, 1, 1, 0],
] as const)('from %i of %i, step %i leads to %i', (index, count, step, next) => {
  expect(neighbour(index, count, step)).toBe(next);
});
