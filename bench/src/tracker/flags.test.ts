import { expect, it } from 'vitest';
import { atLeastOneFlag, numberFlag, shareFlag } from './flags.js';

it.each([
  [numberFlag, '-2.5', -2.5],
  [shareFlag, '0', 0],
  [shareFlag, '1', 1],
  [atLeastOneFlag, '1', 1],
  [atLeastOneFlag, '30', 30],
])('%o takes %s', (flag, text, expected) => {
  expect(flag(text)).toBe(expected);
});

it.each([
  [numberFlag, 'high', 'a number.'],
  [shareFlag, '1.1', 'from 0 to 1'],
  [shareFlag, '-0.1', 'from 0 to 1'],
  [shareFlag, '', 'a number.'],
  [atLeastOneFlag, '0.5', '1 or more'],
  [atLeastOneFlag, '0', '1 or more'],
])('%o refuses %j', (flag, text, expected) => {
  expect(() => flag(text)).toThrow(expected);
});
