import { expect, it } from 'vitest';
import { MemoryTrim } from './memory-trim.js';

it('trims once, when nobody has watched for three seconds after somebody did', () => {
  let trims = 0;
  const trim = new MemoryTrim(async () => {
    trims++;
    return Promise.resolve();
  });
  const look = (viewers: number, s: number): number => {
    trim.look(viewers, s * 1000);
    return trims;
  };
  expect([look(0, 0), look(0, 10), look(2, 11), look(0, 12), look(0, 14)]).toEqual([0, 0, 0, 0, 0]);
  expect([look(1, 14.5), look(0, 15), look(0, 17.9), look(0, 18), look(0, 60)]).toEqual([0, 0, 0, 1, 1]);
  expect([look(1, 61), look(0, 62), look(0, 65)]).toEqual([1, 1, 2]);
});
