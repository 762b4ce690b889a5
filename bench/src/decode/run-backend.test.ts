import { expect, it } from 'vitest';
import { comparePictures } from './run-backend.js';

it('comparePictures compares those that both have', () => {
  const a = [Uint8Array.of(1, 2, 3, 4), Uint8Array.of(10, 10, 10, 10)];
  const b = [Uint8Array.of(1, 2, 3, 8), Uint8Array.of(10, 14, 10, 10), Uint8Array.of(99, 99, 99, 99)];
  expect(comparePictures(a, b)).toEqual({ pictures: 2, mean: 1, max: 4 });
  expect(comparePictures([], b)).toEqual({ pictures: 0, mean: 0, max: 0 });
});
