import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rtpPayloadRange, startsKeyframe } from './keyframe.js';

const rtp = (...payload: number[]): Buffer => Buffer.from([0x80, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, ...payload]);

describe('rtpPayloadRange', () => {
  it('skips CSRCs, a header extension and padding', () => {
    const csrc = [1, 2, 3, 4];
    const extension = [0xbe, 0xde, 0, 1, 9, 9, 9, 9];
    const packet = Buffer.from([0xb1, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, ...csrc, ...extension, 0x65, 7, 0, 2]);
    expect(rtpPayloadRange(packet)).toEqual({ start: 24, end: 26 });
  });

  it('is null or within the packet for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const range = rtpPayloadRange(Buffer.from(bytes));
        if (range === null) return;
        expect(range.start).toBeGreaterThanOrEqual(12);
        expect(range.end).toBeGreaterThanOrEqual(range.start);
        expect(range.end).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});

describe('startsKeyframe', () => {
  it.each([
    ['h264', 'IDR', [0x65, 0], true],
    ['h264', 'SPS', [0x67, 0], true],
    ['h264', 'a P picture', [0x41, 0], false],
    ['h264', 'PPS', [0x68, 0], false],
    ['h264', 'STAP-A with an SPS', [0x78, 0, 2, 0x09, 0x10, 0, 2, 0x67, 0x42], true],
    ['h264', 'STAP-A without', [0x78, 0, 2, 0x09, 0x10, 0, 2, 0x41, 0x42], false],
    ['h264', 'STAP-A that is cut off', [0x78, 0, 90, 0x09], false],
    ['h264', 'the first FU-A of an IDR', [0x7c, 0x85, 0], true],
    ['h264', 'a later FU-A of an IDR', [0x7c, 0x05, 0], false],
    ['h264', 'the first FU-A of a P picture', [0x5c, 0x81, 0], false],
    ['h265', 'IDR_W_RADL', [0x26, 1, 0], true],
    ['h265', 'CRA', [0x2a, 1, 0], true],
    ['h265', 'VPS', [0x40, 1, 0], true],
    ['h265', 'TRAIL_R', [0x02, 1, 0], false],
    ['h265', 'AP with a VPS', [0x60, 1, 0, 2, 0x40, 1, 0, 2, 0x42, 1], true],
    ['h265', 'AP without', [0x60, 1, 0, 2, 0x02, 1], false],
    ['h265', 'the first FU of an IDR', [0x62, 1, 0x93, 0], true],
    ['h265', 'a later FU of an IDR', [0x62, 1, 0x13, 0], false],
  ] as const)('%s: %s', (codec, _, payload, expected) => {
    expect(startsKeyframe(codec, rtp(...payload))).toBe(expected);
  });

  it('takes any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.constantFrom('h264', 'h265'), (bytes, codec) => {
        expect(startsKeyframe(codec, rtp(...bytes))).toBeTypeOf('boolean');
        expect(startsKeyframe(codec, Buffer.from(bytes))).toBeTypeOf('boolean');
      }),
    );
  });
});
