import { describe, expect, it } from 'vitest';
import type { Detection } from '../core/types.js';
import { gate, isUsable } from './detection-gate.js';

const good: Detection = { x1: -5, y1: 0, x2: 20, y2: 30, score: 0.9, classIndex: 0 };

describe('isUsable', () => {
  it('takes a box that reaches out of the picture', () => {
    expect(isUsable(good)).toBe(true);
  });

  it.each<[string, Partial<Detection>]>([
    ['NaN', { x1: NaN }],
    ['infinity', { y2: Infinity }],
    ['an inverted box', { x2: -6 }],
    ['an empty box', { y2: 0 }],
    ['a hair of a box', { x2: -5 + 1e-9 }],
    ['a box as large as a country', { x2: 1e9 }],
    ['a score that is no number', { score: NaN }],
    ['an absurd score', { score: 1e300 }],
    ['half a class', { classIndex: 0.5 }],
    ['a negative class', { classIndex: -1 }],
    ['a class beyond all tables', { classIndex: 1e9 }],
  ])('refuses %s', (_, change) => {
    expect(isUsable({ ...good, ...change })).toBe(false);
  });
});

describe('gate', () => {
  it('keeps the best of too many, in their order', () => {
    const scores = [0.3, 0.9, 0.5, 0.9, 0.1, NaN];
    const kept = gate(
      scores.map((score) => ({ ...good, score })),
      3,
    );
    expect(kept.map(({ score }) => score)).toEqual([0.9, 0.5, 0.9]);
  });
});
