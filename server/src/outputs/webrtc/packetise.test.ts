import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDepacketiser } from '../../ingest/depacketise/depacketiser.js';
import { fitUnit, nalUnitsOf, packetise, payloadOf } from './packetise.js';

const nal = fc
  .tuple(
    fc.integer({ min: 1, max: 23 }),
    fc.integer({ min: 0, max: 3 }),
    fc.uint8Array({ minLength: 1, maxLength: 4000 }),
  )
  .map(([type, importance, body]) => Uint8Array.from([(importance << 5) | type, ...body]));
const bytesOf = (nals: readonly Uint8Array[]): number[][] => nals.map((unit) => [...unit]);

function rtp(payload: Uint8Array, sequence = 0, marker = false): Uint8Array {
  const header = [0x80, (marker ? 0x80 : 0) | 96, sequence >> 8, sequence & 0xff, 0, 0, 0, 1, 0, 0, 0, 1];
  return Uint8Array.from([...header, ...payload]);
}

describe('packetise', () => {
  it('makes payloads that fit and give the same NAL units back, also when they are packed twice', () => {
    fc.assert(
      fc.property(
        fc.array(nal, { maxLength: 8 }),
        fc.integer({ min: 50, max: 1400 }),
        fc.integer({ min: 50, max: 1400 }),
        (nals, first, second) => {
          const payloads = packetise(nals, first);
          for (const payload of payloads) expect(payload.length).toBeLessThanOrEqual(first);
          expect(bytesOf(nalUnitsOf(payloads))).toEqual(bytesOf(nals));
          const again = fitUnit(
            payloads.map((payload) => rtp(payload)),
            [],
            second,
          );
          for (const payload of again) expect(payload.length).toBeLessThanOrEqual(second);
          expect(bytesOf(nalUnitsOf(again))).toEqual(bytesOf(nals));
        },
      ),
      { numRuns: 80 },
    );
  });

  it('gives the depacketiser of the ingest the very unit', () => {
    const nals = [Uint8Array.of(0x67, 1, 2), Uint8Array.of(0x68, 3), new Uint8Array(5000).fill(9)];
    nals[2]![0] = 0x65;
    const units: Uint8Array[] = [];
    const depacketiser = createDepacketiser('h264', { parameterSets: [], onUnit: ({ data }) => void units.push(data) });
    const payloads = packetise(nals, 1180);
    payloads.forEach((payload, i) => {
      const raw = rtp(payload, i, i === payloads.length - 1);
      const packet = { marker: i === payloads.length - 1, timestamp: 0, payload, raw };
      depacketiser.push({ ...packet, receivedAtMs: 0, lostBefore: 0, sourceReset: false });
    });
    expect(units).toHaveLength(1);
    expect([...units[0]!]).toEqual(nals.flatMap((unit) => [0, 0, 0, 1, ...unit]));
  });
});

describe('fitUnit', () => {
  it('passes on what fits, untouched, behind the parameter sets that were missing', () => {
    const payload = Uint8Array.of(0x65, 1, 2, 3);
    expect(fitUnit([rtp(payload)], [], 100)).toEqual([payload]);
    const [sets, same] = fitUnit([rtp(payload)], [Uint8Array.of(0x67, 1), Uint8Array.of(0x68, 2)], 100);
    expect(bytesOf(nalUnitsOf([sets!]))).toEqual([
      [0x67, 1],
      [0x68, 2],
    ]);
    expect(same).toEqual(payload);
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 5 }),
        fc.integer({ min: 16, max: 1500 }),
        (packets, max) => {
          for (const payload of fitUnit(packets, [], max)) expect(payload.length).toBeLessThanOrEqual(max);
          nalUnitsOf(packets);
        },
      ),
    );
  });
});

describe('payloadOf', () => {
  it('leaves out CSRCs, extension and padding', () => {
    const fixed = [96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1];
    expect(payloadOf(Uint8Array.from([0x80, ...fixed, 1, 2, 3]))).toEqual(Uint8Array.of(1, 2, 3));
    const extended = [0xb1, ...fixed, 9, 9, 9, 9, 0xbe, 0xde, 0, 1, 5, 5, 5, 5, 1, 2, 3, 0, 0, 3];
    expect(payloadOf(Uint8Array.from(extended))).toEqual(Uint8Array.of(1, 2, 3));
    expect(payloadOf(Uint8Array.from([0x40, ...fixed, 1]))).toBeNull();
  });
});
