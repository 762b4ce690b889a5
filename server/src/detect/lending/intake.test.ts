import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeDetections, type WireDetections } from '../../core/protocol/detection-message.js';
import { rtpTimestampOf } from '../../core/timeline.js';
import { DetectionIntake, type IntakeLease, isLie, type LeaseLookup } from './intake.js';
import { Lease } from './lease.js';
import { RecentFrames } from './recent-frames.js';

const FRAME_US = 40_000;
const MAX_ROWS = 50;
const LEASE = 77;

function rig(frameCount = 50) {
  const frames = new RecentFrames();
  for (let i = 0; i < frameCount; i++)
    frames.add({ ptsUs: 1e6 + i * FRAME_US, epoch: 1, receivedAtMs: 1000 + i * 40, width: 1280, height: 720 });
  const held: IntakeLease = {
    lease: new Lease(LEASE, 'north', 'page', 0),
    streamIndex: 3,
    frames,
    framesPerS: 25,
    lastPtsUs: 0,
  };
  const intake = new DetectionIntake({ classCount: 4, scoreThreshold: 0.1, iouThreshold: 0.45, maxRows: MAX_ROWS });
  const lookup: LeaseLookup = (lease) => (lease === LEASE ? held : lease === LEASE - 1 ? 'over' : null);
  let nowMs = 5000;
  const take = (change: Partial<WireDetections> = {}, frame = 10) => {
    nowMs += 40;
    return intake.take(encodeDetections({ ...good(frame), ...change }), lookup, nowMs);
  };
  const takeBytes = (bytes: Uint8Array) => intake.take(bytes, lookup, (nowMs += 40));
  return { held, take, takeBytes };
}

/** Two vehicles, the first of them found twice. */
const ROWS = [
  [0.5, 0.5, 0.1, 0.1, 0.9, 0],
  [0.505, 0.5, 0.1, 0.1, 0.6, 2],
  [0.2, 0.3, 0.05, 0.1, 0.5, 1],
];

function good(frame: number): WireDetections {
  return {
    lease: LEASE,
    streamIndex: 3,
    rtpTimestamp: rtpTimestampOf(1e6 + frame * FRAME_US),
    sourceWidth: 1280,
    sourceHeight: 720,
    inferMs: 10,
    totalMs: 14,
    rows: Float32Array.from(ROWS.flat()),
  };
}

const rowsWith = (field: number, value: number): Float32Array => {
  const rows = Float32Array.from(ROWS.flat());
  rows[field] = value;
  return rows;
};

describe('DetectionIntake', () => {
  it('suppresses overlaps and gives boxes in source pixels, with the frame they are of', () => {
    const result = rig().take();
    if ('rejection' in result) throw new Error(result.detail);
    expect(result.frame.ptsUs).toBe(1e6 + 10 * FRAME_US);
    expect(result.detections).toHaveLength(2);
    const [first, second] = result.detections;
    expect(first!.x1).toBeCloseTo(576, 0);
    expect(first!.y1).toBeCloseTo(324, 0);
    expect(first!.x2).toBeCloseTo(704, 0);
    expect(first!.y2).toBeCloseTo(396, 0);
    expect(first!.score).toBeCloseTo(0.9, 3);
    expect([first!.classIndex, second!.classIndex]).toEqual([0, 1]);
  });

  it.each<[string, Partial<WireDetections>, string]>([
    ["another's lease", { lease: 5 }, 'wrong-lease'],
    ['another stream', { streamIndex: 0 }, 'wrong-stream'],
    ['a time that never was', { rtpTimestamp: rtpTimestampOf(1e6 + 10.5 * FRAME_US) }, 'unknown-frame'],
    ['a time far ahead', { rtpTimestamp: rtpTimestampOf(60e6) }, 'unknown-frame'],
    ['a time of long ago', { rtpTimestamp: 2 ** 31 }, 'unknown-frame'],
    ['another shape', { sourceHeight: 1280 }, 'wrong-size'],
    ['no picture at all', { sourceWidth: 0, sourceHeight: 0 }, 'wrong-size'],
    ['a class that is none', { rows: rowsWith(5, 4) }, 'unknown-class'],
    ['a box far outside', { rows: rowsWith(0, 1.8) }, 'out-of-range'],
    ['a box far too large', { rows: rowsWith(2, 1.9) }, 'out-of-range'],
    ['a score below the threshold', { rows: rowsWith(4, 0.05) }, 'out-of-range'],
    ['too many rows', { rows: new Float32Array(6 * (MAX_ROWS + 1)).fill(0.5) }, 'too-many-rows'],
  ])('calls %s a lie', (_, change, reason) => {
    const result = rig().take(change);
    expect(result).toMatchObject({ rejection: reason });
    if ('rejection' in result) expect(isLie(result.rejection)).toBe(true);
  });

  it.each<[string, Partial<WireDetections>, string]>([
    ['a lease that has just ended', { lease: LEASE - 1 }, 'lease-over'],
    ['a frame that is about to be known', { rtpTimestamp: rtpTimestampOf(1e6 + 60 * FRAME_US) }, 'early'],
    ['a frame that is forgotten', { rtpTimestamp: rtpTimestampOf(0) }, 'stale'],
  ])('forgives %s', (_, change, reason) => {
    const result = rig().take(change);
    expect(result).toMatchObject({ rejection: reason });
    if ('rejection' in result) expect(isLie(result.rejection)).toBe(false);
  });

  it('takes each frame once, and none before one that was tracked', () => {
    const { held, take } = rig();
    expect(take({}, 10)).toHaveProperty('detections');
    expect(take({}, 10)).toMatchObject({ rejection: 'repeated' });
    held.lastPtsUs = 1e6 + 10 * FRAME_US;
    expect(take({}, 9)).toMatchObject({ rejection: 'out-of-order' });
    expect(take({}, 11)).toHaveProperty('detections');
  });

  it('bears a burst after a pause of the network, but no flood', () => {
    const { held } = rig();
    const intake = new DetectionIntake({ classCount: 4, scoreThreshold: 0.1, iouThreshold: 0.45, maxRows: MAX_ROWS });
    const results = Array.from({ length: 60 }, (_, i) => {
      const result = intake.take(encodeDetections(good(i % 50)), () => held, 5000 + i);
      return 'rejection' in result ? result.rejection : 'taken';
    });
    expect(results.slice(0, 40)).toEqual(Array<string>(40).fill('taken'));
    expect(results.at(-1)).toBe('flood');
  });

  it('survives any bytes: whatever gets through is a box of the picture', () => {
    const { takeBytes } = rig();
    const mangled = fc
      .tuple(fc.nat(40), fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }))
      .map(([frame, changes]) => {
        const bytes = encodeDetections(good(frame));
        for (const [at, value] of changes) bytes[at] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(mangled, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        const result = takeBytes(bytes);
        if ('rejection' in result) return;
        for (const { x1, y1, x2, y2, score, classIndex } of result.detections) {
          expect(x2).toBeGreaterThan(x1);
          expect(y2).toBeGreaterThan(y1);
          expect(Math.min(x1, y1)).toBeGreaterThan(-2 * 1280);
          expect(Math.max(x2, y2)).toBeLessThan(3 * 1280);
          expect(score).toBeLessThanOrEqual(1);
          expect([0, 1, 2, 3]).toContain(classIndex);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
