import { expect, it } from 'vitest';
import type { FrameMessage, FrameTrack } from '../overlay/frame-message.js';
import { sumUp } from './traffic.js';

function track(id: number, className: string, speedKmh: number | null, speedSigmaKmh: number | null = 1): FrameTrack {
  const place = { x: 0, y: 0, width: 0.1, height: 0.1, velocityX: 0, velocityY: 0 };
  return { id, className, ...place, speedKmh, speedSigmaKmh, measured: true, calibrated: true };
}

function message(tracks: FrameTrack[]): FrameMessage {
  return {
    rtpTimestamp: 0,
    ptsUs: 0,
    epoch: 1,
    width: 640,
    height: 360,
    frameNo: null,
    arrivedAtEpochMs: null,
    tracks,
  };
}

it('counts vehicles by class and finds the fastest whose speed is known', () => {
  const traffic = sumUp(
    new Map([
      ['north', message([track(1, 'car', 50), track(2, 'truck', 80), track(3, 'car', null)])],
      ['south', message([track(1, 'car', 110), track(2, 'car', 30, 40)])],
    ]),
    2,
  );
  expect(traffic.vehicles).toBe(5);
  expect(traffic.byClass).toEqual([
    { className: 'car', count: 4 },
    { className: 'truck', count: 1 },
  ]);
  expect(traffic.fastest.map(({ stream, id }) => [stream, id])).toEqual([
    ['south', 1],
    ['north', 2],
  ]);
  expect(traffic.meanKmh).toBeCloseTo(80);
});

it('has no mean on an empty road', () => {
  expect(sumUp(new Map())).toEqual({ vehicles: 0, byClass: [], fastest: [], meanKmh: null });
});
