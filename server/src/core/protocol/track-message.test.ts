import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTracks, encodeTracks, MAX_TRACKS, type WireTrack, type WireTracks } from './track-message.js';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const speed = fc.option(fc.double({ min: 0, max: 600, noNaN: true }));
const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const u16 = fc.integer({ min: 0, max: 65_535 });
const track: fc.Arbitrary<WireTrack> = fc.record({
  id: u32,
  classIndex: fc.integer({ min: 0, max: 255 }),
  score: share,
  measured: fc.boolean(),
  calibrated: fc.boolean(),
  x: share,
  y: share,
  width: share,
  height: share,
  velocityX: fc.double({ min: -3.9, max: 3.9, noNaN: true }),
  velocityY: fc.double({ min: -3.9, max: 3.9, noNaN: true }),
  speedKmh: speed,
  speedSigmaKmh: speed,
});
const message: fc.Arbitrary<WireTracks> = fc.record({
  streamIndex: u16,
  rtpTimestamp: u32,
  sequence: u32,
  ptsUs: fc.double({ min: 0, max: 1e15, noNaN: true }),
  epoch: u16,
  width: u16,
  height: u16,
  frameNo: fc.option(fc.integer({ min: 0, max: 32_767 })),
  arrivedAtEpochMs: fc.option(fc.double({ min: 0, max: 1e13, noNaN: true })),
  tracks: fc.array(track, { maxLength: 40 }),
});

describe('track messages', () => {
  it('survive the wire: headers exactly, tracks within the steps of their fields', () => {
    fc.assert(
      fc.property(message, (sent) => {
        const { tracks, ...header } = decodeTracks(encodeTracks(sent));
        const { tracks: sentTracks, ...sentHeader } = sent;
        expect(header).toEqual(sentHeader);
        expect(tracks).toHaveLength(sentTracks.length);
        tracks.forEach((got, i) => {
          const want = sentTracks[i]!;
          expect([got.id, got.classIndex, got.measured, got.calibrated]).toEqual([
            want.id,
            want.classIndex,
            want.measured,
            want.calibrated,
          ]);
          expect(Math.abs(got.score - want.score)).toBeLessThan(1 / 500);
          expect(Math.abs(got.x - want.x)).toBeLessThan(1 / 65_535);
          expect(Math.abs(got.y - want.y)).toBeLessThan(1 / 65_535);
          expect(Math.abs(got.width - (Math.min(1, want.x + want.width) - want.x))).toBeLessThan(1 / 65_535);
          expect(Math.abs(got.height - (Math.min(1, want.y + want.height) - want.y))).toBeLessThan(1 / 65_535);
          expect(Math.abs(got.velocityX - want.velocityX)).toBeLessThan(1 / 8192);
          expect(Math.abs(got.velocityY - want.velocityY)).toBeLessThan(1 / 8192);
          for (const key of ['speedKmh', 'speedSigmaKmh'] as const)
            if (want[key] === null) expect(got[key]).toBeNull();
            else expect(Math.abs(got[key]! - want[key])).toBeLessThan(0.0051);
        });
      }),
    );
  });

  it('clip boxes to the picture and hold on to sense whatever numbers come', () => {
    const odd = {
      ...fc.sample(track, 1)[0]!,
      x: -0.25,
      y: Infinity,
      width: 0.5,
      height: NaN,
      velocityX: NaN,
      speedKmh: NaN,
    };
    const sent = { ...fc.sample(message, 1)[0]!, tracks: [odd] };
    const [got] = decodeTracks(encodeTracks(sent)).tracks;
    expect(got!.x).toBe(0);
    expect(got!.width).toBeCloseTo(0.25, 3);
    expect(got!.velocityX).toBe(0);
    expect(got!.speedKmh).toBeNull();
    for (const value of [got!.y, got!.height]) expect(value >= 0 && value <= 1).toBe(true);
  });

  it('hold a bounded number of tracks', () => {
    const [one] = fc.sample(track, 1);
    const sent = { ...fc.sample(message, 1)[0]!, tracks: new Array<WireTrack>(MAX_TRACKS + 5).fill(one!) };
    expect(decodeTracks(encodeTracks(sent)).tracks).toHaveLength(MAX_TRACKS);
  });

  it('refuse everything else with a typed error', () => {
    const good = encodeTracks(fc.sample(message, 1)[0]!);
    const version = good.slice();
    version[0] = 9;
    const kind = good.slice();
    kind[1] = 7;
    for (const bad of [version, kind, good.slice(0, 20), good.slice(0, -1), new Uint8Array(0)])
      expect(() => decodeTracks(bad)).toThrow(expect.objectContaining({ code: 'tracks-malformed' }));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          decodeTracks(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'tracks-malformed' });
        }
      }),
    );
  });
});
