import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LoopTimeline } from './loop-timeline.js';

describe('LoopTimeline', () => {
  it('goes on by one frame at the seam, whatever the first timestamp', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -5000, max: 5000 }),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        (first, frames, says) => {
          fc.pre(frames > 1 || says);
          const timeline = new LoopTimeline();
          const placed: number[] = [];
          for (let loop = 0; loop < 3; loop++) {
            for (let frame = 0; frame < frames; frame++) {
              const dts = BigInt(first + frame * 512);
              placed.push(Number(timeline.place({ pts: dts, dts, duration: says ? 512n : 0n }).pts));
            }
            timeline.nextLoop();
          }
          expect(placed).toEqual(placed.map((_, index) => index * 512));
        },
      ),
    );
  });

  it('keeps the distance of pts and dts of B-frames', () => {
    const timeline = new LoopTimeline();
    const place = (pts: bigint, dts: bigint) => timeline.place({ pts, dts, duration: 1n });
    // Presented I B P, decoded I P B.
    expect([place(0n, -1n), place(2n, 0n), place(1n, 1n)].map(({ pts, dts }) => [pts, dts])).toEqual([
      [1n, 0n],
      [3n, 1n],
      [2n, 2n],
    ]);
    timeline.nextLoop();
    expect(place(0n, -1n)).toMatchObject({ pts: 4n, dts: 3n });
  });
});
