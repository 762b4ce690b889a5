import { decodeTracks, encodeTracks } from '@lanecast/server/core/protocol/track-message';
import { expect, it } from 'vitest';
import { fromWire } from './from-wire.js';

it('turns a message of the wire into what the overlay draws, with classes by name', () => {
  const bytes = encodeTracks({
    streamIndex: 3,
    rtpTimestamp: 4_000_000_000,
    sequence: 1,
    ptsUs: 44_444_444_444,
    epoch: 2,
    width: 1280,
    height: 720,
    frameNo: 77,
    arrivedAtEpochMs: 1.7e12 + 0.25,
    tracks: [
      {
        id: 12,
        classIndex: 1,
        score: 0.9,
        measured: true,
        calibrated: false,
        x: 0.25,
        y: 0.5,
        width: 0.125,
        height: 0.25,
        velocityX: -0.5,
        velocityY: 0.125,
        speedKmh: 87.65,
        speedSigmaKmh: null,
      },
    ],
  });
  const message = fromWire(decodeTracks(bytes), ['car', 'truck']);
  expect(message).toMatchObject({
    rtpTimestamp: 4_000_000_000,
    ptsUs: 44_444_444_444,
    epoch: 2,
    width: 1280,
    height: 720,
    frameNo: 77,
    arrivedAtEpochMs: 1.7e12 + 0.25,
  });
  const [track] = message.tracks;
  expect(track).toMatchObject({
    id: 12,
    className: 'truck',
    measured: true,
    calibrated: false,
    speedKmh: 87.65,
    speedSigmaKmh: null,
  });
  expect(track!.x).toBeCloseTo(0.25, 4);
  expect(track!.width).toBeCloseTo(0.125, 4);
  expect(track!.velocityX).toBeCloseTo(-0.5, 3);
  expect(fromWire(decodeTracks(bytes), ['car']).tracks[0]!.className).toBe('class 1');
});
