import type { FrameMessage, FrameTrack } from '../overlay/frame-message.js';

const CLASSES = ['car', 'car', 'car', 'truck', 'bus', 'motorcycle'];

/** Vehicles that drive across the picture, at a time: the same for the same arguments. Every fourth is not measured. */
export function syntheticMessage(ptsUs: number, tracks: number, seed: number): FrameMessage {
  return {
    rtpTimestamp: Math.round(ptsUs * 0.09) >>> 0,
    ptsUs,
    epoch: 1,
    width: 640,
    height: 360,
    frameNo: null,
    arrivedAtEpochMs: null,
    tracks: Array.from({ length: tracks }, (_, i) => syntheticTrack(ptsUs / 1e6, i, seed)),
  };
}

function syntheticTrack(seconds: number, i: number, seed: number): FrameTrack {
  const speed = 0.04 + 0.02 * ((i * 7 + seed) % 5);
  const x = ((i * 0.37 + seed * 0.11 + seconds * speed) % 1.2) - 0.15;
  return {
    id: 100 * seed + i,
    className: CLASSES[(i + seed) % CLASSES.length]!,
    x,
    y: 0.15 + 0.7 * ((i * 0.29 + seed * 0.07) % 1),
    width: 0.1,
    height: 0.12,
    velocityX: speed,
    velocityY: 0,
    speedKmh: 40 + ((i * 13 + seed * 5) % 80),
    speedSigmaKmh: i % 3,
    measured: i % 4 !== 3,
    calibrated: true,
  };
}
