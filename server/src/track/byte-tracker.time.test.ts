import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normal, seededRandom } from '../core/random.js';
import type { Detection } from '../core/types.js';
import { ByteTracker, type Track } from './byte-tracker.js';

/** Three vehicles in lanes of their own, 300, -180 and 0 px/s, 90 x 60 px. */
function vehicles(ptsUs: number): Detection[] {
  const t = ptsUs / 1e6;
  return [0 + 300 * t, 1500 - 180 * t, 700].map((x, lane) => ({
    x1: x,
    y1: 100 + 200 * lane,
    x2: x + 90,
    y2: 160 + 200 * lane,
    score: 0.9,
    classIndex: 0,
  }));
}

const velocityOf = (tracks: readonly Track[], id: number): number =>
  tracks.find((track) => track.id === id)!.velocityXPxPerS;

describe('time', () => {
  it('is the same at a constant interval, however the timestamps are rounded', () => {
    const exact = new ByteTracker({ frameRate: 30 });
    const rounded = new ByteTracker({ frameRate: 30 });
    const ticks = new ByteTracker({ frameRate: 30 });
    const random = seededRandom(2);
    for (let frame = 0; frame < 300; frame++) {
      const detections = vehicles(frame * 33_333).filter(() => random() < 0.8);
      const expected = exact.update(detections, (frame * 1e6) / 30);
      expect(rounded.update(detections, Math.round((frame * 1e6) / 30))).toEqual(expected);
      expect(ticks.update(detections, frame * 33_340)).toEqual(expected); // 7 us off, every time
    }
  });

  it('gives the same ids and velocities when every second frame is dropped', () => {
    const all = new ByteTracker({ frameRate: 30 });
    const half = new ByteTracker({ frameRate: 30 });
    let allTracks: Track[] = [];
    let halfTracks: Track[] = [];
    for (let frame = 0; frame < 90; frame++) {
      const ptsUs = Math.round((frame * 1e6) / 30);
      allTracks = all.update(vehicles(ptsUs), ptsUs);
      if (frame % 2 === 1) continue;
      halfTracks = half.update(vehicles(ptsUs), ptsUs);
      expect(halfTracks.map(({ id }) => id)).toEqual(allTracks.map(({ id }) => id));
    }
    for (const id of [1, 2, 3]) {
      expect(Math.abs(velocityOf(halfTracks, id) - velocityOf(allTracks, id))).toBeLessThan(1);
    }
  });

  it('keeps ids and finds velocities at any intervals', () => {
    // Steps of 8 to 160 ms: five frames dropped now and then.
    const steps = fc.array(fc.integer({ min: 8_000, max: 160_000 }), { minLength: 60, maxLength: 120 });
    fc.assert(
      fc.property(steps, (stepsUs) => {
        const tracker = new ByteTracker({ frameRate: 30 });
        let ptsUs = 0;
        let tracks = tracker.update(vehicles(0), 0);
        for (const stepUs of stepsUs) {
          ptsUs += stepUs;
          tracks = tracker.update(vehicles(ptsUs), ptsUs);
          expect(tracks.map(({ id }) => id)).toEqual([1, 2, 3]);
        }
        expect(Math.abs(velocityOf(tracks, 1) - 300)).toBeLessThan(9);
        expect(Math.abs(velocityOf(tracks, 2) + 180)).toBeLessThan(6);
        expect(Math.abs(velocityOf(tracks, 3))).toBeLessThan(1);
      }),
      { numRuns: 50 },
    );
  });

  it('predicts over dropped frames: a fast vehicle keeps its id where counting frames would lose it', () => {
    // 900 px/s, 100 px wide. After half a second at 30 fps three of four frames are dropped: 120 px a step.
    const box = (ptsUs: number): Detection => {
      const x = (900 * ptsUs) / 1e6;
      return { x1: x, y1: 0, x2: x + 100, y2: 60, score: 0.9, classIndex: 0 };
    };
    const run = (claimedUs: (ptsUs: number, update: number) => number): number[] => {
      const tracker = new ByteTracker({ frameRate: 30 });
      const ids: number[] = [];
      let updates = 0;
      for (let frame = 0; frame < 60; frame++) {
        if (frame > 15 && frame % 4 !== 0) continue;
        const ptsUs = Math.round((frame * 1e6) / 30);
        ids.push(tracker.update([box(ptsUs)], claimedUs(ptsUs, updates++))[0]?.id ?? 0);
      }
      return ids;
    };
    expect(new Set(run((ptsUs) => ptsUs))).toEqual(new Set([1]));
    expect(new Set(run((_, update) => Math.round((update * 1e6) / 30)))).toEqual(new Set([1, 0]));
  });

  it.each([1, 2, 5])('remembers a lost track for a second when only each %d. frame comes', (every) => {
    const frameUs = 40_000;
    const reappear = (afterUs: number): number | undefined => {
      const tracker = new ByteTracker({ frameRate: 25, trackBuffer: 30 });
      const parked = vehicles(0).slice(2);
      let ptsUs = 0;
      for (; ptsUs < 1e6; ptsUs += frameUs) tracker.update(parked, ptsUs);
      const seenUs = ptsUs - frameUs;
      for (ptsUs = seenUs + every * frameUs; ptsUs < seenUs + afterUs; ptsUs += every * frameUs)
        tracker.update([], ptsUs);
      return tracker.update(parked, seenUs + afterUs)[0]?.id;
    };
    expect(reappear(1_000_000)).toBe(1);
    expect(reappear(1_200_000)).toBeUndefined();
  });

  it('forgets everything over a long gap, and does not confuse what comes after it', () => {
    const tracker = new ByteTracker({ frameRate: 25 });
    tracker.update(vehicles(0), 0);
    tracker.update(vehicles(40_000), 40_000);
    expect(tracker.update(vehicles(40_000), 10e6)).toEqual([]);
    expect(tracker.update(vehicles(40_000), 10e6 + 40_000).map(({ id }) => id)).toEqual([4, 5, 6]);
    expect(tracker.trackCount).toBe(3);
  });

  it('takes a corrected frame rate without a jolt', () => {
    const corrected = new ByteTracker({ frameRate: 30 });
    const random = seededRandom(4);
    let before = 0;
    for (let frame = 0; frame < 50; frame++) {
      const jitter = normal(random);
      const detections = vehicles(frame * 40_000).map((box) => ({ ...box, x1: box.x1 + jitter, x2: box.x2 + jitter }));
      before = velocityOf(corrected.update(detections, frame * 40_000), 1);
    }
    corrected.frameRate = 25;
    expect(corrected.frameRate).toBe(25);
    const after = corrected.update(vehicles(50 * 40_000), 50 * 40_000);
    expect(after.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(Math.abs(velocityOf(after, 1) - before)).toBeLessThan(10);
    expect(() => {
      corrected.frameRate = 0;
    }).toThrow(expect.objectContaining({ code: 'track-config' }));
  });
});
