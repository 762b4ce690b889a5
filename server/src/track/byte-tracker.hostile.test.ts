import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../core/random.js';
import type { Detection } from '../core/types.js';
import { ByteTracker } from './byte-tracker.js';

const FRAME_US = 40_000;

const honest = (frame: number): Detection[] =>
  [100 + 5 * frame, 900 - 3 * frame].map((x, lane) => ({
    x1: x,
    y1: 200 * lane,
    x2: x + 80,
    y2: 200 * lane + 60,
    score: 0.8,
    classIndex: lane,
  }));

const anything = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, 1e308, -1e308, 5e-324, 0, -0));
const anyDetection: fc.Arbitrary<Detection> = fc.record({
  x1: anything,
  y1: anything,
  x2: anything,
  y2: anything,
  score: anything,
  classIndex: anything,
});
/** Boxes that the tracker has to take, however odd: tiny, huge, far away. */
const oddDetection: fc.Arbitrary<Detection> = fc
  .tuple(
    fc.double({ min: -5e5, max: 5e5, noNaN: true }),
    fc.double({ min: -5e5, max: 5e5, noNaN: true }),
    fc.constantFrom(1e-3, 0.5, 40, 3e3, 4e5),
    fc.constantFrom(1e-3, 0.5, 40, 3e3, 4e5),
    fc.double({ min: 0, max: 1, noNaN: true }),
  )
  .map(([x1, y1, w, h, score]) => ({ x1, y1, x2: x1 + w + 1e-9, y2: y1 + h + 1e-9, score, classIndex: 3 }));

describe('hostile input', () => {
  it('that is no box is dropped and counted, and changes nothing', () => {
    const unusable = anyDetection.filter(({ x1, x2, y1, y2, score }) => {
      const numbers = [x1, x2, y1, y2, score];
      return !numbers.every(Number.isFinite) || !(x2 > x1) || !(y2 > y1);
    });
    fc.assert(
      fc.property(fc.array(fc.array(unusable, { maxLength: 5 }), { minLength: 5, maxLength: 15 }), (garbage) => {
        const clean = new ByteTracker({ frameRate: 25 });
        const dirty = new ByteTracker({ frameRate: 25 });
        garbage.forEach((rubbish, frame) => {
          const expected = clean.update(honest(frame), frame * FRAME_US);
          expect(dirty.update([...rubbish, ...honest(frame)], frame * FRAME_US)).toEqual(expected);
        });
        expect(dirty.counters.detectionsDropped).toBe(garbage.flat().length);
      }),
    );
  });

  it('that is a box gives finite tracks with ids that are unique on a frame', () => {
    const frames = fc.array(fc.array(fc.oneof(anyDetection, oddDetection), { maxLength: 12 }), { maxLength: 30 });
    fc.assert(
      fc.property(
        frames,
        fc.array(fc.integer({ min: 1, max: 3_000_000 }), { minLength: 30, maxLength: 30 }),
        (film, steps) => {
          const tracker = new ByteTracker({ frameRate: 25 });
          let ptsUs = 0;
          film
            .flatMap((detections) => [detections, detections, detections])
            .forEach((detections, frame) => {
              ptsUs += steps[frame % steps.length]!;
              const tracks = tracker.update(detections, ptsUs);
              expect(new Set(tracks.map(({ id }) => id)).size).toBe(tracks.length);
              for (const { x1, y1, x2, y2, velocityXPxPerS, velocityYPxPerS } of tracks) {
                for (const value of [x1, y1, x2, y2, velocityXPxPerS, velocityYPxPerS])
                  expect(value).toSatisfy(Number.isFinite);
              }
            });
          // And it still works.
          tracker.update(honest(0), ptsUs + 5e6);
          expect(tracker.update(honest(0), ptsUs + 5e6 + FRAME_US)).toHaveLength(2);
        },
      ),
    );
  });

  it('in time is passed over and counted', () => {
    const tracker = new ByteTracker({ frameRate: 25 });
    expect(tracker.update(honest(0), NaN)).toEqual([]);
    expect(tracker.update(honest(0), 1e6)).toHaveLength(2); // still the first frame
    for (const ptsUs of [1e6, 0, NaN, Infinity, -Infinity]) expect(tracker.update([], ptsUs)).toEqual([]);
    expect(tracker.counters.framesOutOfOrder).toBe(6);
    expect(tracker.update(honest(1), 1e6 + FRAME_US).map(({ id }) => id)).toEqual([1, 2]);
  });

  it('in number is cut to the best', () => {
    const tracker = new ByteTracker({ frameRate: 25, maxDetections: 10 });
    const crowd = Array.from({ length: 500 }, (_, i) => ({
      ...honest(0)[0]!,
      x1: 200 * i,
      x2: 200 * i + 80,
      score: 0.7,
    }));
    crowd[321]!.score = 0.99;
    const tracks = tracker.update(crowd, 0);
    expect(tracks).toHaveLength(10);
    expect(tracks.some(({ score }) => score === 0.99)).toBe(true);
    expect(tracker.counters.detectionsDropped).toBe(490);
  });

  it('does not change what it was given', () => {
    const detections = honest(0).map((detection) => Object.freeze(detection));
    expect(() => new ByteTracker().update(Object.freeze(detections), 0)).not.toThrow();
  });
});

describe('memory', () => {
  it('is bounded over a long run of objects that come and go, and empty after them', () => {
    const tracker = new ByteTracker({ frameRate: 25, maxTracks: 200 });
    const random = seededRandom(8);
    let most = 0;
    let ptsUs = 0;
    for (let frame = 0; frame < 6_000; frame++) {
      // 20 boxes, each for two frames: as many short tracks as there can be.
      if (frame % 2 === 0 && random() < 0.01) ptsUs += 100 * FRAME_US;
      const place = seededRandom(frame >> 1);
      const detections = Array.from({ length: 20 }, () => {
        const x1 = 4000 * place();
        const y1 = 4000 * place();
        return { x1, y1, x2: x1 + 40, y2: y1 + 40, score: 0.9, classIndex: 0 };
      });
      ptsUs += FRAME_US;
      tracker.update(detections, ptsUs);
      most = Math.max(most, tracker.trackCount);
    }
    expect(most).toBeGreaterThan(150);
    expect(most).toBeLessThanOrEqual(200);
    expect(tracker.counters.tracksRefused).toBeGreaterThan(0);
    for (let frame = 0; frame < 30; frame++) tracker.update([], (ptsUs += FRAME_US));
    expect(tracker.trackCount).toBe(0);
  });
});
