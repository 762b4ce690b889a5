import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GopCache } from './gop-cache.js';
import { RetainedFrames } from './retained-frames.js';

class Picture {
  freed = 0;
  free(): void {
    this.freed++;
  }
}

describe('RetainedFrames', () => {
  it('gives the very frame its tracks belong to, and frees the older ones', () => {
    const frames = new RetainedFrames<Picture, string>();
    const [a, b, c] = [new Picture(), new Picture(), new Picture()];
    frames.add(1, a);
    frames.add(2, b);
    frames.add(3, c);
    expect(frames.settle(2, 'tracks')).toBe(b);
    expect([a.freed, b.freed, c.freed]).toEqual([1, 0, 0]);
    expect(frames.current).toEqual({ frame: b, message: 'tracks' });
    expect(frames.settle(1, 'late')).toBeNull();
    frames.settle(3, 'next');
    expect(b.freed).toBe(1);
    frames.clear();
    frames.clear();
    expect([a.freed, b.freed, c.freed]).toEqual([1, 1, 1]);
  });

  it('holds a bounded number and frees each frame exactly once, whatever happens', () => {
    const step = fc.tuple(fc.constantFrom('add', 'discard', 'settle'), fc.nat(30));
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const frames = new RetainedFrames<Picture, number>(5);
        const all: Picture[] = [];
        for (const [what, back] of steps) {
          if (what === 'add') {
            all.push(new Picture());
            frames.add(all.length, all.at(-1)!);
          } else if (what === 'discard') frames.discard(all.length - back);
          else frames.settle(all.length - back, 0);
          expect(frames.size).toBeLessThanOrEqual(6);
          expect(all.filter((p) => p.freed === 0)).toHaveLength(frames.size);
        }
        frames.clear();
        expect(all.every((p) => p.freed === 1)).toBe(true);
      }),
    );
  });
});

describe('GopCache', () => {
  const unit = (ptsUs: number, isKeyframe: boolean, bytes = 100) => ({
    ptsUs,
    isKeyframe,
    packets: [new Uint8Array(bytes)],
    parameterSets: [],
  });

  it('holds what came since the last keyframe', () => {
    const cache = new GopCache();
    cache.push(unit(1, false));
    expect(cache.units).toHaveLength(0);
    for (let i = 2; i < 60; i++) cache.push(unit(i, i % 25 === 0));
    expect(cache.units.map((u) => u.ptsUs)).toEqual([50, 51, 52, 53, 54, 55, 56, 57, 58, 59]);
    expect(cache.bytes).toBe(1000);
  });

  it('drops a group that outgrows it, and starts again at the next keyframe', () => {
    const cache = new GopCache(10, 1000);
    cache.push(unit(1, true));
    for (let i = 2; i < 30; i++) cache.push(unit(i, false));
    expect(cache.units).toHaveLength(0);
    cache.push(unit(30, true, 900));
    expect(cache.units).toHaveLength(1);
    cache.push(unit(31, false, 900));
    expect(cache.bytes).toBe(0);
  });
});
