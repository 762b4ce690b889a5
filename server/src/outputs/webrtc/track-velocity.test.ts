import { expect, it } from 'vitest';
import type { PublishedTrack } from '../../core/types.js';
import { TrackVelocities } from './track-velocity.js';

function track(id: number, x: number): PublishedTrack {
  return { id, class: 'car', score: 1, box: [x, 10, 20, 20], speedKmh: null, speedSigmaKmh: null };
}

it('finds a constant velocity at once, whatever frames are left out', () => {
  const velocities = new TrackVelocities();
  expect(velocities.update({ ptsUs: 0, epoch: 1, tracks: [track(1, 0)] })).toEqual([{ x: 0, y: 0 }]);
  for (const frame of [1, 2, 5, 6, 11]) {
    const [velocity] = velocities.update({ ptsUs: frame * 40_000, epoch: 1, tracks: [track(1, frame * 4)] });
    expect(velocity!.x).toBeCloseTo(100);
    expect(velocity!.y).toBeCloseTo(0);
  }
});

it('begins anew in another epoch, and forgets tracks that went', () => {
  const velocities = new TrackVelocities();
  velocities.update({ ptsUs: 0, epoch: 1, tracks: [track(1, 0)] });
  expect(velocities.update({ ptsUs: 40_000, epoch: 2, tracks: [track(1, 50)] })).toEqual([{ x: 0, y: 0 }]);
  for (let i = 2; i < 5000; i++) velocities.update({ ptsUs: i * 40_000, epoch: 2, tracks: [track(i, 0)] });
  expect(velocities.size).toBeLessThan(30);
});
