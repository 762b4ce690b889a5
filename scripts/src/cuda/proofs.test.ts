import { describe, expect, it } from 'vitest';
import { proveNms } from './proofs.js';

const addon = (kept: number[], backend = 'cuda') => ({ nmsTimed: () => ({ kept: Int32Array.from(kept), backend }) });

describe('proveNms', () => {
  it('believes a GPU that keeps the right boxes', async () => {
    expect(await proveNms(() => Promise.resolve(addon([2, 0])))).toMatchObject({ verdict: 'ok' });
  });

  it.each([
    ['keeps others', () => Promise.resolve(addon([2, 3, 0])), /kept boxes 2,3,0/],
    ['leaves it to the CPU', () => Promise.resolve(addon([2, 0], 'cpu')), /cpu did it instead/],
    ['is not there', () => Promise.reject(new Error('Cannot find package\nat x')), /Cannot find package$/],
    ['has no such function', () => Promise.resolve({}), /does not run/],
  ])('fails one that %s', async (_, load, text) => {
    const finding = await proveNms(load);
    expect(finding.verdict).toBe('fail');
    expect(finding.text).toMatch(text);
    expect(finding.fix).toBeTruthy();
  });
});
