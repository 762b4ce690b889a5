import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRtpPacket } from './rtp-packet.js';
import { buildRtp } from './testing/rtp-builder.js';

const u32 = fc.integer({ min: 0, max: 0xffffffff });

describe('parseRtpPacket', () => {
  it('reads back whatever was written', () => {
    const fields = fc.record({
      payloadType: fc.integer({ min: 0, max: 127 }),
      marker: fc.boolean(),
      sequenceNumber: fc.integer({ min: 0, max: 65_535 }),
      timestamp: u32,
      ssrc: u32,
      payload: fc.uint8Array({ maxLength: 50 }),
      csrcs: fc.array(u32, { maxLength: 15 }),
      extension: fc.option(fc.uint8Array({ minLength: 8, maxLength: 8 }), { nil: undefined }),
      padding: fc.integer({ min: 0, max: 20 }),
    });
    fc.assert(
      fc.property(fields, ({ extension, ...rest }) => {
        const raw = new Uint8Array(buildRtp({ ...rest, ...(extension ? { extension } : {}) }));
        const packet = parseRtpPacket(raw, 5)!;
        const { payloadType, marker, sequenceNumber, timestamp, ssrc, payload } = rest;
        expect(packet).toMatchObject({ payloadType, marker, sequenceNumber, timestamp, ssrc, receivedAtMs: 5 });
        expect([...packet.payload]).toEqual([...payload]);
        expect(packet.raw).toBe(raw);
      }),
    );
  });

  it('takes any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const packet = parseRtpPacket(bytes, 0);
        expect(packet === null || packet.payload.length <= bytes.length - 12).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['too short', Buffer.alloc(11, 0x80)],
    ['another version', Buffer.from([0x40, ...new Array<number>(20).fill(0)])],
    ['CSRCs beyond the end', Buffer.from([0x8f, 96, ...new Array<number>(10).fill(0)])],
    ['an extension beyond the end', Buffer.from([0x90, 96, ...new Array<number>(10).fill(0), 0xbe, 0xde, 0, 9])],
    ['padding of zero bytes', Buffer.from([0xa0, 96, ...new Array<number>(11).fill(0)])],
    ['padding beyond the payload', Buffer.from([0xa0, 96, ...new Array<number>(10).fill(0), 200])],
  ])('refuses %s', (_name, bytes) => {
    expect(parseRtpPacket(bytes, 0)).toBeNull();
  });
});
