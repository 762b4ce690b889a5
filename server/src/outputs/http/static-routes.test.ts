import { expect, it } from 'vitest';
import { acceptsBrotli } from './static-routes.js';

it.each([
  ['gzip, deflate, br, zstd', true],
  ['br', true],
  ['BR;q=0.5', true],
  ['gzip, br;q=0', false],
  ['br;q=0.000', false],
  ['brotli, gzip', false],
  ['', false],
  [undefined, false],
])('acceptsBrotli(%j): %s', (header, expected) => {
  expect(acceptsBrotli(header)).toBe(expected);
});
