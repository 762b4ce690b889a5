import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BitReader, BitstreamError, unescapeRbsp } from './bit-reader.js';
import { hasRecoveryPoint } from './recovery-point.js';
import { parseH264Sps } from './sps.js';
import { parseH265Sps } from './sps-h265.js';

// Written by x264 and x265 for the settings named.
describe('parseH264Sps', () => {
  it.each([
    ['baseline', 'Z0LAHtkAoC/5cBEAAAMAAQAAAwAyDxYuSA==', [66, 640, 360, false]],
    ['high with B-frames, cropped', 'Z2QAKKzZQHgCJ6mwEQAAAwABAAADADIPGDGW', [100, 1918, 1078, true]],
    ['high, zero latency', 'Z2QAH6yyAKALdgIgAAADACAAAAZR4wZJ', [100, 1280, 720, false]],
    ['high, interlaced', 'Z2QAHqzZQLQk2AiAAAADAIAAABkPihTL', [100, 720, 576, true]],
    ['4:4:4', 'Z/QAHpGWQCgPbARAAAADAEAAAAyDxYuS', [244, 640, 480, false]],
    ['intra refresh', 'Z2QAHqxtAUBf8uAiAAADAAIAAAMAZB4sXUA=', [100, 640, 360, false]],
  ])('%s', (_name, base64, [profile, widthPx, heightPx, mayReorder]) => {
    expect(parseH264Sps(Buffer.from(base64, 'base64'))).toMatchObject({
      id: 0,
      profile,
      widthPx,
      heightPx,
      mayReorder,
    });
  });

  it('does not rely on the end of the usability information', () => {
    const whole = Buffer.from('Z2QAKKzZQHgCJ6mwEQAAAwABAAADADIPGDGW', 'base64');
    expect(parseH264Sps(whole.subarray(0, 18))).toMatchObject({ widthPx: 1918, mayReorder: true });
    expect(parseH264Sps(whole.subarray(0, 8))).toBeNull();
  });
});

describe('parseH265Sps', () => {
  it.each([
    ['with B-frames, cropped', 'QgEBAWAAAAMAkAAAAwAAAwB4oAPAgBDnVZZWaSTK8BaAgAAAAwCAAAAMhA==', [1918, 1078, true]],
    ['without B-frames', 'QgEBAWAAAAMAkAAAAwAAAwA/oAUCAWllkqSTK8BaAgAAAwACAAADADIQ', [640, 360, false]],
  ])('%s', (_name, base64, [widthPx, heightPx, mayReorder]) => {
    expect(parseH265Sps(Buffer.from(base64, 'base64'))).toMatchObject({
      id: 0,
      profile: 1,
      widthPx,
      heightPx,
      mayReorder,
    });
  });
});

it('any bytes give a sane result or none, at once', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      const h264 = parseH264Sps(Uint8Array.of(0x67, 100, 0, 30, ...bytes));
      const h265 = parseH265Sps(Uint8Array.of(0x42, 1, ...bytes));
      for (const result of [h264, h265]) {
        if (!result) continue;
        expect(result.widthPx).toBeGreaterThan(0);
        expect(result.widthPx).toBeLessThanOrEqual(16_384);
        expect(result.heightPx).toBeGreaterThan(0);
        expect(result.heightPx).toBeLessThanOrEqual(16_384);
      }
      expect(typeof hasRecoveryPoint(bytes)).toBe('boolean');
    }),
    { numRuns: 2000 },
  );
});

describe('BitReader', () => {
  it('reads Exp-Golomb codes', () => {
    // 1, 010, 011, 00100 | 1 (signed 0), 010 (+1), 011 (-1)
    const bits = new BitReader(Uint8Array.of(0b1010_0110, 0b0100_1010, 0b0110_0000));
    expect([bits.unsigned(), bits.unsigned(), bits.unsigned(), bits.unsigned()]).toEqual([0, 1, 2, 3]);
    expect([bits.signed(), bits.signed(), bits.signed()]).toEqual([-0, 1, -1]);
  });

  it('ends with an error at the end, and on a code without end', () => {
    expect(() => new BitReader(new Uint8Array(0)).bit()).toThrow(BitstreamError);
    expect(() => new BitReader(new Uint8Array(100)).unsigned()).toThrow(BitstreamError);
    expect(() => new BitReader(new Uint8Array(1)).skip(9)).toThrow(BitstreamError);
  });

  it('gets rid of emulation prevention', () => {
    expect([...unescapeRbsp(Uint8Array.of(0, 0, 3, 1, 0, 0, 3, 0, 0, 3), 100)]).toEqual([0, 0, 1, 0, 0, 0, 0]);
    expect(unescapeRbsp(new Uint8Array(5000).fill(7), 100)).toHaveLength(100);
  });
});

describe('hasRecoveryPoint', () => {
  it.each([
    ['alone', [6, 1, 0x84, 0x80], true],
    ['behind a long message', [5, 0xff, 1, ...new Array<number>(256).fill(9), 6, 1, 0x84, 0x80], true],
    ['picture timing only', [1, 1, 0x32, 0x80], false],
    ['a message that claims to be longer', [5, 200, 6, 1, 0x84, 0x80], false],
    ['nothing', [], false],
  ])('%s', (_name, bytes, expected) => {
    expect(hasRecoveryPoint(Uint8Array.from(bytes))).toBe(expected);
  });
});
