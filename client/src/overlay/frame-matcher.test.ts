import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameMatcher } from './frame-matcher.js';
import type { FrameMessage, FrameTrack } from './frame-message.js';

const FRAME_US = 40_000;

function track(id: number, x: number, more: Partial<FrameTrack> = {}): FrameTrack {
  return {
    id,
    className: 'car',
    x,
    y: 0.5,
    width: 0.1,
    height: 0.1,
    velocityX: 0.25,
    velocityY: 0,
    speedKmh: 50,
    speedSigmaKmh: 1,
    measured: true,
    calibrated: true,
    ...more,
  };
}

function message(ptsUs: number, tracks: FrameTrack[] = [], epoch = 1): FrameMessage {
  const rtpTimestamp = Math.round(ptsUs * 0.09) % 2 ** 32;
  return { rtpTimestamp, ptsUs, epoch, width: 640, height: 360, frameNo: null, arrivedAtEpochMs: null, tracks };
}

const rtpOf = (ptsUs: number): number => Math.round(ptsUs * 0.09) % 2 ** 32;

describe('FrameMatcher', () => {
  it('knows nothing before the first message', () => {
    expect(new FrameMatcher().match(90_000)).toMatchObject({ kind: 'none', tracks: [] });
  });

  it('gives a frame the boxes of its own message, untouched', () => {
    const matcher = new FrameMatcher();
    const tracks = [track(7, 0.2)];
    matcher.add(message(1_000_000, [track(7, 0.1)]));
    matcher.add(message(1_040_000, tracks));
    const match = matcher.match(rtpOf(1_040_000));
    expect(match).toMatchObject({ kind: 'exact', byTimestamp: true, ptsUs: 1_040_000 });
    expect(match.tracks).toBe(tracks);
  });

  it('interpolates a frame whose message is missing, and flags its boxes', () => {
    const matcher = new FrameMatcher();
    matcher.add(message(1_000_000, [track(1, 0.2)]));
    matcher.add(message(1_080_000, [track(1, 0.3, { y: 0.6 })]));
    const match = matcher.match(rtpOf(1_040_000));
    expect(match.kind).toBe('interpolated');
    expect(match.tracks).toHaveLength(1);
    expect(match.tracks[0]!.x).toBeCloseTo(0.25);
    expect(match.tracks[0]!.y).toBeCloseTo(0.55);
    expect(match.tracks[0]!.measured).toBe(false);
  });

  it('shows a track that comes or goes between two messages on the nearer side only', () => {
    const matcher = new FrameMatcher();
    matcher.add(message(1_000_000, [track(1, 0.2)]));
    matcher.add(message(1_120_000, [track(2, 0.8)]));
    expect(matcher.match(rtpOf(1_040_000)).tracks.map(({ id }) => id)).toEqual([1]);
    const later = matcher.match(rtpOf(1_080_000)).tracks;
    expect(later.map(({ id }) => id)).toEqual([2]);
    expect(later[0]!.x).toBeCloseTo(0.8 - 0.25 * 0.04);
  });

  it('carries boxes on along their velocity when video is ahead, but not for ever', () => {
    const matcher = new FrameMatcher();
    matcher.add(message(1_000_000, [track(1, 0.2)]));
    const match = matcher.match(rtpOf(1_200_000));
    expect(match.kind).toBe('predicted');
    expect(match.tracks[0]!.x).toBeCloseTo(0.25);
    expect(match.tracks[0]!.measured).toBe(false);
    expect(matcher.match(rtpOf(2_000_000)).kind).toBe('none');
  });

  it('does not interpolate between epochs: ids mean other vehicles there', () => {
    const matcher = new FrameMatcher();
    matcher.add(message(1_000_000, [track(1, 0.2)], 1));
    matcher.add(message(1_080_000, [track(1, 0.9)], 2));
    const match = matcher.match(rtpOf(1_040_000));
    expect(match.kind).toBe('predicted');
    expect(match.tracks[0]!.x).toBeCloseTo(0.21);
  });

  it('does not interpolate over a long gap, nor backwards beyond the oldest message', () => {
    const matcher = new FrameMatcher();
    matcher.add(message(1_000_000, [track(1, 0.2)]));
    matcher.add(message(3_000_000, [track(1, 0.3)]));
    expect(matcher.match(rtpOf(2_000_000)).kind).toBe('none');
    expect(matcher.match(rtpOf(900_000)).kind).toBe('none');
  });

  it('finds the neighbours across the wrap of the RTP timestamp', () => {
    const wrapUs = 2 ** 32 / 0.09;
    const matcher = new FrameMatcher();
    const first = wrapUs - 20_000;
    matcher.add(message(first, [track(1, 0.2)]));
    matcher.add(message(first + 80_000, [track(1, 0.4)]));
    const match = matcher.match(rtpOf(first + 40_000));
    expect(match.kind).toBe('interpolated');
    expect(match.tracks[0]!.x).toBeCloseTo(0.3, 3);
    expect(matcher.match(rtpOf(first + 100_000)).kind).toBe('predicted');
  });

  it('without an RTP timestamp takes the nearest message, and says that it was estimated', () => {
    const matcher = new FrameMatcher();
    matcher.add(message(1_000_000, [track(1, 0.2)]));
    matcher.add(message(1_040_000, [track(1, 0.3)]));
    expect(matcher.matchNearest(1_035_000)).toMatchObject({ kind: 'exact', byTimestamp: false, ptsUs: 1_040_000 });
    expect(matcher.matchNearest(1_100_000)).toMatchObject({ kind: 'predicted', byTimestamp: false });
    matcher.add(message(1_240_000, [track(1, 0.3)]));
    expect(matcher.matchNearest(1_140_000)).toMatchObject({ kind: 'interpolated', byTimestamp: false });
  });

  it('finds every message it still has, in whatever order they came, and stays bounded', () => {
    const order = fc.shuffledSubarray(
      Array.from({ length: 80 }, (_, i) => i),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(order, fc.integer({ min: 1, max: 40 }), (frames, capacity) => {
        const matcher = new FrameMatcher({ capacity });
        for (const frame of frames) {
          matcher.add(message(frame * FRAME_US, [track(frame, 0.1)]));
          matcher.add(message(frame * FRAME_US, [track(999, 0.9)])); // a duplicate changes nothing
        }
        expect(matcher.size).toBe(Math.min(capacity, frames.length));
        // A message older than all that are kept goes at once: the newest by time stay.
        const kept = new Set<number>();
        for (const frame of frames) {
          kept.add(frame);
          if (kept.size > capacity) kept.delete(Math.min(...kept));
        }
        for (const frame of kept) {
          const match = matcher.match(rtpOf(frame * FRAME_US));
          expect(match).toMatchObject({ kind: 'exact', ptsUs: frame * FRAME_US });
          expect(match.tracks[0]!.id).toBe(frame);
        }
      }),
    );
  });

  it('forgets all on demand', () => {
    const matcher = new FrameMatcher();
    matcher.add(message(1_000_000));
    matcher.clear();
    expect(matcher.match(rtpOf(1_000_000)).kind).toBe('none');
    expect(matcher.newest).toBeNull();
  });
});
