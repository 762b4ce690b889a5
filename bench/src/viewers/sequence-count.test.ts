import { expect, test } from 'vitest';
import { SequenceCount } from './sequence-count.js';

const count = (numbers: readonly number[]): [number, number] => {
  const counted = new SequenceCount();
  for (const n of numbers) counted.take(n);
  return [counted.packets, counted.missing];
};

test('counts what is missing, across the wrap; what comes late is not missing, what comes twice changes nothing', () => {
  expect(count([65_534, 65_535, 0, 1])).toEqual([4, 0]);
  expect(count([65_534, 1])).toEqual([2, 2]);
  expect(count([10, 12, 11, 13])).toEqual([4, 0]);
  expect(count([10, 10])).toEqual([2, 0]);
});
