import { describe, expect, it } from 'vitest';
import { agreementOf, worst } from './agreement.js';

const size = { width: 1000, height: 500 };
const rows = (...list: number[][]): Float32Array => Float32Array.from(list.flat());

describe('agreementOf', () => {
  it('measures the largest difference, in source pixels and in score', () => {
    const a = rows([0.5, 0.5, 0.1, 0.1, 0.9, 0], [0.2, 0.2, 0.1, 0.1, 0.6, 1]);
    const b = rows([0.2, 0.201, 0.1, 0.1, 0.61, 1], [0.5005, 0.5, 0.1, 0.1, 0.9, 0]);
    const found = agreementOf(a, b, size, 0.25);
    expect(found).toMatchObject({ compared: 4, unmatched: 0 });
    expect(found.boxPx).toBeCloseTo(0.5, 3);
    expect(found.score).toBeCloseTo(0.01, 5);
  });

  it('counts what only one of them found', () => {
    const a = rows([0.5, 0.5, 0.1, 0.1, 0.9, 0]);
    expect(agreementOf(a, rows(), size, 0.25)).toMatchObject({ compared: 0, unmatched: 1 });
    expect(agreementOf(rows(), a, size, 0.25)).toMatchObject({ compared: 0, unmatched: 1 });
  });

  it('bears a score that lies just below the limit on one side', () => {
    const a = rows([0.5, 0.5, 0.1, 0.1, 0.251, 0]);
    const b = rows([0.5, 0.5, 0.1, 0.1, 0.249, 0]);
    expect(agreementOf(a, b, size, 0.25)).toMatchObject({ compared: 1, unmatched: 0 });
  });
});

it('the worst of several frames counts', () => {
  const one = { compared: 2, boxPx: 0.1, score: 0.02, unmatched: 0 };
  const two = { compared: 3, boxPx: 0.3, score: 0.01, unmatched: 1 };
  expect(worst([one, two])).toEqual({ compared: 5, boxPx: 0.3, score: 0.02, unmatched: 1 });
});
