import { describe, expect, it } from 'vitest';
import { SizePolicy } from './size-policy.js';

const pixels = [640 * 384, 416 * 256, 320 * 192];

/** Looks until the size changes, at most `limit` times; how many it took. */
function looksUntilChange(policy: SizePolicy, wantedPerSecond: number, capacityPerSecond: number, limit = 100): number {
  const before = policy.index;
  for (let looks = 1; looks <= limit; looks++)
    if (policy.look({ wantedPerSecond, capacityPerSecond }) !== before) return looks;
  return Infinity;
}

describe('SizePolicy', () => {
  it('begins with the largest size that the machine keeps up with', () => {
    const policy = new SizePolicy({ pixels });
    expect(policy.begin(0, 100, 50)).toBe(0);
    // 40 a second at 640x384 are 92 at 416x256.
    expect(policy.begin(0, 40, 50)).toBe(1);
    expect(policy.begin(0, 15, 50)).toBe(2);
    expect(policy.begin(0, 1, 50)).toBe(2);
    expect(policy.begin(2, 400, 50)).toBe(0);
  });

  it('shrinks after a few looks that were too slow, not after one', () => {
    const policy = new SizePolicy({ pixels, patience: 3 });
    policy.look({ wantedPerSecond: 50, capacityPerSecond: 30 });
    policy.look({ wantedPerSecond: 50, capacityPerSecond: 60 });
    expect(policy.index).toBe(0);
    expect(looksUntilChange(policy, 50, 30)).toBe(3);
    expect(policy.index).toBe(1);
  });

  it('never leaves the list', () => {
    const policy = new SizePolicy({ pixels });
    for (let i = 0; i < 50; i++) policy.look({ wantedPerSecond: 50, capacityPerSecond: 1 });
    expect(policy.index).toBe(2);
    for (let i = 0; i < 50; i++) policy.look({ wantedPerSecond: 1, capacityPerSecond: 1e5 });
    expect(policy.index).toBe(0);
  });

  it('grows only where the larger size promises headroom', () => {
    const policy = new SizePolicy({ pixels });
    policy.begin(0, 40, 50);
    // 100 a second here are 43 at the larger size; 130 would be 56: enough, but without headroom.
    expect(looksUntilChange(policy, 50, 100)).toBe(Infinity);
    expect(looksUntilChange(policy, 50, 130)).toBe(Infinity);
    expect(looksUntilChange(policy, 50, 160)).toBe(6);
    expect(policy.index).toBe(0);
  });

  it('does not swing: growing again takes longer after it was a mistake', () => {
    const policy = new SizePolicy({ pixels, patience: 3 });
    policy.begin(0, 40, 50);
    const waits: number[] = [];
    for (let i = 0; i < 3; i++) {
      waits.push(looksUntilChange(policy, 50, 160));
      expect(looksUntilChange(policy, 50, 40)).toBe(3);
    }
    expect(waits).toEqual([6, 12, 24]);
  });

  it('refuses an empty list', () => {
    expect(() => new SizePolicy({ pixels: [] })).toThrow(RangeError);
  });
});
