import { describe, expect, it } from 'vitest';
import type { FrameMessage } from './frame-message.js';
import { TRAIL_US, Trails } from './trails.js';

function message(ptsUs: number, ids: number[], more: { epoch?: number; measured?: boolean } = {}): FrameMessage {
  const tracks = ids.map((id) => ({
    id,
    className: 'car',
    x: ptsUs / 1e8,
    y: 0.4,
    width: 0.1,
    height: 0.2,
    velocityX: 0,
    velocityY: 0,
    speedKmh: null,
    speedSigmaKmh: null,
    measured: more.measured ?? true,
    calibrated: true,
  }));
  return {
    rtpTimestamp: 0,
    ptsUs,
    epoch: more.epoch ?? 1,
    width: 640,
    height: 360,
    frameNo: null,
    arrivedAtEpochMs: null,
    tracks,
  };
}

describe('Trails', () => {
  it('follows the ground contact point, up to the frame and no further', () => {
    const trails = new Trails();
    for (let i = 0; i < 10; i++) trails.add(message(i * 40_000, [1]));
    const trail = trails.until(1, 200_000);
    expect(trail).toHaveLength(6);
    expect(trail.at(-1)).toMatchObject({ ptsUs: 200_000 });
    expect(trail[0]!.x).toBeCloseTo(0.05);
    expect(trail[0]!.y).toBeCloseTo(0.6);
  });

  it('fades by time: points older than the trail is long are gone', () => {
    const trails = new Trails();
    trails.add(message(0, [1]));
    trails.add(message(TRAIL_US + 40_000, [1]));
    expect(trails.until(1, TRAIL_US + 40_000)).toHaveLength(1);
  });

  it('stays bounded however many tracks come and go', () => {
    const trails = new Trails();
    for (let i = 0; i < 10_000; i++) trails.add(message(i * 40_000, [i]));
    expect(trails.size).toBeLessThanOrEqual(TRAIL_US / 40_000 + 1);
  });

  it('draws no trail through predicted places, nor across epochs', () => {
    const trails = new Trails();
    trails.add(message(0, [1]));
    trails.add(message(40_000, [1], { measured: false }));
    expect(trails.until(1, 40_000)).toHaveLength(1);
    trails.add(message(80_000, [1], { epoch: 2 }));
    expect(trails.until(1, 80_000)).toHaveLength(1);
  });

  it('ignores points that come out of order', () => {
    const trails = new Trails();
    trails.add(message(80_000, [1]));
    trails.add(message(40_000, [1]));
    expect(trails.until(1, 100_000)).toHaveLength(1);
  });
});
