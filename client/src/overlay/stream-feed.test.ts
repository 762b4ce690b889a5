import { describe, expect, it } from 'vitest';
import type { FrameMessage } from './frame-message.js';
import { StreamFeed } from './stream-feed.js';

function message(ptsUs: number, arrivedAtEpochMs: number | null = null): FrameMessage {
  const rtpTimestamp = Math.round(ptsUs * 0.09) % 2 ** 32;
  return { rtpTimestamp, ptsUs, epoch: 1, width: 640, height: 360, frameNo: null, arrivedAtEpochMs, tracks: [] };
}

describe('StreamFeed', () => {
  it('forgets what it knew when times begin anew: the server was restarted', () => {
    const feed = new StreamFeed('a', { offsetMs: 0 });
    feed.add(message(60_000_000));
    feed.add(message(59_960_000));
    expect(feed.matcher.size).toBe(2);
    feed.add(message(40_000));
    expect(feed.matcher.size).toBe(1);
    expect(feed.matcher.newest?.ptsUs).toBe(40_000);
    expect(feed.messages).toBe(3);
  });

  it('measures latency on the server’s clock, by the median', () => {
    const feed = new StreamFeed('a', { offsetMs: 500 });
    [80, 90, 2000].forEach((late, i) => {
      feed.add(message(i * 40_000, 10_500));
      feed.shown(i * 3600, 10_000 + late);
    });
    expect(feed.latencyMs).toBe(90);
  });

  it('measures frames that were shown before their message came', () => {
    const feed = new StreamFeed('a', { offsetMs: 0 });
    feed.shown(3600, 10_040);
    expect(feed.latencyMs).toBeNull();
    feed.add(message(40_000, 10_000));
    expect(feed.latencyMs).toBe(40);
  });

  it('knows no latency without the arrival time or the clock', () => {
    const feed = new StreamFeed('a', { offsetMs: null });
    feed.add(message(0, 10_000));
    feed.shown(0, 10_100);
    expect(feed.latencyMs).toBeNull();
    const other = new StreamFeed('b', { offsetMs: 0 });
    other.add(message(0));
    other.shown(0, 10_100);
    expect(other.latencyMs).toBeNull();
  });
});
