import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LanecastError } from '../errors.js';
import {
  decodeDetections,
  DETECTION_FIELDS,
  encodeDetections,
  MAX_DETECTION_BYTES,
  MAX_DETECTION_ROWS,
  type WireDetections,
} from './detection-message.js';

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const u16 = fc.integer({ min: 0, max: 65_535 });
const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const row = fc.tuple(
  number(-1.9, 1.9),
  number(-1.9, 1.9),
  number(0, 1.9),
  number(0, 1.9),
  number(0, 1),
  fc.integer({ min: 0, max: 255 }),
);
const header = fc.record({
  lease: u32,
  streamIndex: u16,
  rtpTimestamp: u32,
  sourceWidth: u16,
  sourceHeight: u16,
  inferMs: number(0, 6000),
  totalMs: number(0, 6000),
});
const message: fc.Arbitrary<WireDetections> = fc
  .tuple(header, fc.array(row, { maxLength: 60 }))
  .map(([fields, rows]) => ({ ...fields, rows: Float32Array.from(rows.flat()) }));

describe('messages of detections', () => {
  it('survive the wire: headers exactly, rows within the steps of their fields', () => {
    fc.assert(
      fc.property(message, (sent) => {
        const got = decodeDetections(encodeDetections(sent));
        for (const key of ['lease', 'streamIndex', 'rtpTimestamp', 'sourceWidth', 'sourceHeight'] as const)
          expect(got[key]).toBe(sent[key]);
        expect(Math.abs(got.inferMs - sent.inferMs)).toBeLessThan(0.051);
        expect(Math.abs(got.totalMs - sent.totalMs)).toBeLessThan(0.051);
        expect(got.rows).toHaveLength(sent.rows.length);
        const steps = [1 / 16_384, 1 / 16_384, 1 / 32_768, 1 / 32_768, 1 / 65_535, 0.001];
        got.rows.forEach((value, i) =>
          expect(Math.abs(value - sent.rows[i]!)).toBeLessThan(steps[i % DETECTION_FIELDS]!),
        );
      }),
    );
  });

  it('move no edge of a box by more than a fifth of a pixel at 1920', () => {
    fc.assert(
      fc.property(number(0, 1), number(0.001, 1), (centre, size) => {
        const rows = Float32Array.of(centre, 0.5, size, 0.1, 0.5, 0);
        const { rows: got } = decodeDetections(encodeDetections({ ...EMPTY, rows }));
        expect(Math.abs(got[0]! - got[2]! / 2 - (centre - size / 2)) * 1920).toBeLessThan(0.2);
      }),
    );
  });

  it('leave out rows with a number that is none, and those beyond the limit', () => {
    const rows = Float32Array.of(
      0.5,
      0.5,
      0.1,
      0.1,
      0.9,
      1,
      0.5,
      NaN,
      0.1,
      0.1,
      0.9,
      1,
      0.25,
      0.5,
      0.1,
      Infinity,
      0.9,
      1,
    );
    expect(decodeDetections(encodeDetections({ ...EMPTY, rows })).rows).toHaveLength(DETECTION_FIELDS);
    const many = new Float32Array(DETECTION_FIELDS * (MAX_DETECTION_ROWS + 5)).fill(0.5);
    const bytes = encodeDetections({ ...EMPTY, rows: many });
    expect(bytes).toHaveLength(MAX_DETECTION_BYTES);
    expect(decodeDetections(bytes).rows).toHaveLength(DETECTION_FIELDS * MAX_DETECTION_ROWS);
  });

  it('of hostile bytes are refused with a typed error, or are what their maker could have written', () => {
    const mangled = fc
      .tuple(message, fc.array(fc.tuple(fc.nat(2000), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }), fc.nat(900))
      .map(([sent, changes, cut]) => {
        const bytes = encodeDetections(sent);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        return cut % 3 === 0 ? bytes.subarray(0, cut) : bytes;
      });
    fc.assert(
      fc.property(fc.oneof(mangled, fc.uint8Array({ maxLength: 600 })), (bytes) => {
        let decoded: WireDetections;
        try {
          decoded = decodeDetections(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(LanecastError);
          expect((error as LanecastError).code).toBe('detections-malformed');
          return;
        }
        expect(decoded.rows.every(Number.isFinite)).toBe(true);
        expect([...encodeDetections(decoded)]).toEqual([...bytes]);
      }),
      { numRuns: 500 },
    );
  });

  it('may lie anywhere in a larger buffer', () => {
    const bytes = encodeDetections({ ...EMPTY, lease: 7, rows: Float32Array.of(0.5, 0.5, 0.1, 0.1, 0.5, 1) });
    const padded = new Uint8Array(bytes.length + 9);
    padded.set(bytes, 5);
    expect(decodeDetections(padded.subarray(5, 5 + bytes.length)).lease).toBe(7);
  });
});

const EMPTY: WireDetections = {
  lease: 1,
  streamIndex: 0,
  rtpTimestamp: 0,
  sourceWidth: 640,
  sourceHeight: 360,
  inferMs: 0,
  totalMs: 0,
  rows: new Float32Array(0),
};
