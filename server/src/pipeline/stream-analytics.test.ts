import { describe, expect, it } from 'vitest';
import type { Calibration } from '../config/calibration.js';
import type { FrameHeader } from '../core/frame-slots.js';
import { StreamAnalytics } from './stream-analytics.js';

const header = (ptsUs: number, width = 960, height = 540, epoch = 1): FrameHeader => ({
  ptsUs,
  epoch,
  sourceWidth: width,
  sourceHeight: height,
  contentX: 0,
  contentY: 0,
  contentWidth: width,
  contentHeight: height,
  receivedAtMs: 0,
  decodedAtMs: 0,
  writtenAtMs: 0,
});

/** 8 m above the road, horizon at y = 100 of 540. */
const ROAD: Calibration = {
  points: (
    [
      [-4, 20],
      [4, 20],
      [4, 100],
      [-4, 100],
    ] as const
  ).map(([xM, zM]) => ({ image: [480 + (1000 * xM) / zM, 100 + 8000 / zM], ground: [xM, zM] })),
  imageSize: [960, 540],
};

/** A car that drives away at 20 m/s, as it is seen in a picture of `scale` times 960x540. */
function carAt(ptsUs: number, scale = 1) {
  const zM = 30 + 20 * (ptsUs / 1e6);
  const [x, y] = [480 + 3000 / zM, 100 + 8000 / zM];
  const half = 900 / zM;
  return {
    x1: scale * (x - half),
    y1: scale * (y - 1.6 * half),
    x2: scale * (x + half),
    y2: scale * y,
    score: 0.9,
    classIndex: 0,
  };
}

const analytics = (calibration: Calibration) => new StreamAnalytics('s', ['car'], { trackThreshold: 0.3 }, calibration);

describe('StreamAnalytics', () => {
  it.each([1, 2])('gives the speed on the road at %d times the resolution of the calibration', (scale) => {
    const stream = analytics(ROAD);
    let speed: number | null = null;
    for (let frame = 0; frame < 40; frame++) {
      const ptsUs = frame * 40_000;
      const { tracks } = stream.process(header(ptsUs, 960 * scale, 540 * scale), [carAt(ptsUs, scale)]);
      speed = tracks[0]!.speedKmh;
    }
    expect(speed).toBeCloseTo(72, 1);
  });

  it('takes a new calibration with the next frame: the track goes on, its speed begins anew', () => {
    const stream = analytics({ scaleMPerPx: 0.05 });
    const at = (frame: number) => stream.process(header(frame * 40_000), [carAt(frame * 40_000)]).tracks[0]!;
    for (let frame = 0; frame < 30; frame++) at(frame);
    const before = at(30);
    expect(before.speedKmh).not.toBeNull();
    stream.calibration = ROAD;
    expect(stream.calibration).toBe(ROAD);
    const after = at(31);
    expect(after).toMatchObject({ id: before.id, speedKmh: null });
    for (let frame = 32; frame < 60; frame++) at(frame);
    expect(at(60).speedKmh).toBeCloseTo(72, 1);
  });

  it('follows a camera that changes its resolution', () => {
    const stream = analytics(ROAD);
    for (let frame = 0; frame < 30; frame++) stream.process(header(frame * 40_000), [carAt(frame * 40_000)]);
    let speed: number | null = null;
    for (let frame = 30; frame < 70; frame++) {
      const ptsUs = frame * 40_000;
      speed = stream.process(header(ptsUs, 480, 270, 2), [carAt(ptsUs, 0.5)]).tracks[0]?.speedKmh ?? null;
    }
    expect(speed).toBeCloseTo(72, 1);
  });

  it('does not slow a car down that drives out of the picture, or in', () => {
    const stream = analytics({ scaleMPerPx: 0.05 });
    const speeds: number[] = [];
    for (let frame = 0; frame < 100; frame++) {
      // 400 px/s is 72 km/h; what is seen of it ends at the edges, a little before them.
      const left = -80 + 16 * frame;
      const [x1, x2] = [Math.max(left, 3), Math.min(left + 80, 957)];
      const detections = x2 - x1 > 12 ? [{ x1, y1: 300, x2, y2: 350, score: 0.9, classIndex: 0 }] : [];
      for (const { speedKmh } of stream.process(header(frame * 40_000), detections).tracks) {
        if (speedKmh !== null) speeds.push(speedKmh);
      }
    }
    expect(speeds.length).toBeGreaterThan(45);
    for (const speed of speeds) expect(speed).toBeCloseTo(72, 1);
  });
});
