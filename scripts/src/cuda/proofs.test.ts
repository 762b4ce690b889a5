import { describe, expect, it } from 'vitest';
import { proveNms } from './proofs.js';

describe('proveNms', () => {
  it('believes a GPU that keeps the right boxes', async () => {
    expect(await proveNms(() => Promise.resolve({ nms: () => Int32Array.of(2, 0) }))).toMatchObject({ verdict: 'ok' });
  });

  it.each([
    ['keeps others', () => Promise.resolve({ nms: () => Int32Array.of(2, 3, 0) }), /kept boxes 2,3,0/],
    ['is not there', () => Promise.reject(new Error('Cannot find package\nat x')), /Cannot find package$/],
    ['has no such function', () => Promise.resolve({}), /does not run/],
  ])('fails one that %s', async (_, load, text) => {
    const finding = await proveNms(load);
    expect(finding.verdict).toBe('fail');
    expect(finding.text).toMatch(text);
    expect(finding.fix).toContain('npm rebuild @lanecast/native');
  });
});
