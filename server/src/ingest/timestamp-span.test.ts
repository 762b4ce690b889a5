import { expect, it } from 'vitest';
import { TimestampSpan } from './timestamp-span.js';

function spanOf(timestamps: readonly number[]): TimestampSpan {
  const span = new TimestampSpan();
  for (const timestamp of timestamps) span.add(timestamp);
  return span;
}

it('has no rate before two pictures', () => {
  expect(spanOf([]).fps(90_000)).toBeNull();
  expect(spanOf([7]).fps(90_000)).toBeNull();
  expect(spanOf([7, 7]).seconds(90_000)).toBeNull();
});

it.each([
  ['25 a second', [0, 3600, 7200, 10_800], false],
  ['across the wrap', [2 ** 32 - 3600, 0, 3600, 7200], false],
  ['with B-frames', [0, 10_800, 3600, 7200], true],
] as const)('counts %s', (_name, timestamps, reordered) => {
  const span = spanOf(timestamps);
  expect(span.fps(90_000)).toBeCloseTo(25);
  expect(span.seconds(90_000)).toBeCloseTo(0.16);
  expect(span.reordered).toBe(reordered);
});
