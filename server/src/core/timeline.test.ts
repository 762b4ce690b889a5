import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rtpTimestampOf, StreamTimeline } from './timeline.js';

const WRAP = 2 ** 32;

describe('StreamTimeline', () => {
  it('starts at zero and follows the source tick by tick', () => {
    const timeline = new StreamTimeline();
    expect(timeline.map(1000, 0)).toEqual({ ptsUs: 0, rebased: false });
    expect(timeline.map(1000 + 3600, 40).ptsUs).toBe(40_000);
    expect(timeline.map(1000 + 7200, 80).ptsUs).toBe(80_000);
  });

  it('resumes where it is told to', () => {
    const timeline = new StreamTimeline(7_000_000);
    expect(timeline.map(1000, 0)).toEqual({ ptsUs: 7_000_000, rebased: false });
    expect(timeline.map(4600, 40).ptsUs).toBe(7_040_000);
  });

  it('does not notice the 2^32 wrap', () => {
    const timeline = new StreamTimeline();
    timeline.map(WRAP - 3600, 0);
    expect(timeline.map(0, 40)).toEqual({ ptsUs: 40_000, rebased: false });
    expect(timeline.map(3600, 80)).toEqual({ ptsUs: 80_000, rebased: false });
  });

  it('has not drifted by a microsecond after a day of 30 fps (3003-tick frames)', () => {
    const timeline = new StreamTimeline();
    const frames = 86_400 * 30;
    let last = 0;
    for (let i = 0; i <= frames; i++) last = timeline.map((i * 3003) % WRAP, i * 33.3).ptsUs;
    expect(last).toBe(Math.round((frames * 3003 * 1e6) / 90_000));
  });

  it('rebases at a reconnect by the time that passed', () => {
    const timeline = new StreamTimeline();
    timeline.map(5000, 1000);
    timeline.detach();
    expect(timeline.map(77, 3500)).toEqual({ ptsUs: 2_500_000, rebased: true });
  });

  it('rebases at a backward jump and at an impossible forward jump', () => {
    const timeline = new StreamTimeline();
    timeline.map(900_000, 0);
    expect(timeline.map(810_000, 40)).toEqual({ ptsUs: 40_000, rebased: true });
    expect(timeline.map(810_000 + 90_000 * 3600, 80)).toEqual({ ptsUs: 80_000, rebased: true });
  });

  it.each([9, 1, 0.6])('does not run away with jumps of %d s, each of which could be taken alone', (jumpS) => {
    const timeline = new StreamTimeline();
    let lastUs = 0;
    for (let i = 0; i < 1000; i++) lastUs = timeline.map((i * jumpS * 90_000) % WRAP, i * 40).ptsUs;
    const wallUs = 999 * 40_000;
    expect(lastUs).toBeGreaterThanOrEqual(wallUs);
    expect(lastUs).toBeLessThan(wallUs * 1.02 + 11_000_000);
  });

  it('does not run away in small steps either', () => {
    const timeline = new StreamTimeline();
    let lastUs = 0;
    for (let i = 0; i < 10_000; i++) lastUs = timeline.map((i * 36_000) % WRAP, i * 10).ptsUs;
    expect(lastUs).toBeLessThan(10_000 * 10_000 * 1.02 + 61_000_000);
  });

  it('takes one jump of some seconds as it is, and goes on without a rebase', () => {
    const timeline = new StreamTimeline();
    timeline.map(0, 0);
    expect(timeline.map(9 * 90_000, 40)).toEqual({ ptsUs: 9_000_000, rebased: false });
    for (let i = 1; i < 500; i++) {
      expect(timeline.map(9 * 90_000 + i * 3600, 40 + i * 40 + (i % 3) * 30).rebased).toBe(false);
    }
  });

  it('takes a group of pictures at once, jitter, and what a stalled network delivers late', () => {
    const timeline = new StreamTimeline();
    let rebases = 0;
    const at = (frame: number, arrivalMs: number) => {
      if (timeline.map(frame * 3600, arrivalMs).rebased) rebases++;
    };
    // 15 seconds of pictures within 100 ms, then live ones.
    for (let i = 0; i < 375; i++) at(i, i * 0.25);
    for (let i = 375; i < 2000; i++) at(i, 100 + (i - 375) * 40 + (i % 7) * 25);
    // Nothing for 30 seconds, then all of it.
    const stalledMs = 100 + (2000 - 375) * 40 + 30_000;
    for (let i = 2000; i < 2750; i++) at(i, stalledMs + (i - 2000) * 0.1);
    for (let i = 2750; i < 3000; i++) at(i, stalledMs + (i - 2750) * 40 + 80);
    expect(rebases).toBe(0);
  });

  it('takes a long silence as time that passed, not as a reset', () => {
    const timeline = new StreamTimeline();
    timeline.map(0, 0);
    expect(timeline.map(90_000 * 30, 30_000)).toEqual({ ptsUs: 30_000_000, rebased: false });
  });

  it('keeps two units with one timestamp apart without losing the base', () => {
    const timeline = new StreamTimeline();
    timeline.map(0, 0);
    const twin = timeline.map(0, 1);
    expect(twin.rebased).toBe(false);
    expect(twin.ptsUs).toBeGreaterThan(0);
    expect(rtpTimestampOf(twin.ptsUs)).not.toBe(rtpTimestampOf(0));
    expect(timeline.map(3600, 40).ptsUs).toBe(40_000);
  });

  it('lets a reordered stream step back within its window', () => {
    const timeline = new StreamTimeline();
    timeline.map(0, 0, 500_000);
    expect(timeline.map(10_800, 40, 500_000).ptsUs).toBe(120_000);
    expect(timeline.map(3600, 80, 500_000)).toEqual({ ptsUs: 40_000, rebased: false });
    expect(timeline.map(7200, 120, 500_000)).toEqual({ ptsUs: 80_000, rebased: false });
  });

  it('is strictly increasing whatever the source sends', () => {
    const step = fc.record({ rtp: fc.nat(WRAP - 1), elapsed: fc.nat(20_000), detach: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const timeline = new StreamTimeline();
        let last = -1;
        let now = 0;
        for (const { rtp, elapsed, detach } of steps) {
          now += elapsed;
          if (detach) timeline.detach();
          const { ptsUs } = timeline.map(rtp, now);
          expect(Number.isSafeInteger(ptsUs)).toBe(true);
          expect(ptsUs).toBeGreaterThan(last);
          last = ptsUs;
        }
      }),
    );
  });
});
