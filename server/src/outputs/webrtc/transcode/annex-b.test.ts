import fc from 'fast-check';
import { expect, it } from 'vitest';
import { splitAnnexB } from './annex-b.js';

/** A NAL unit that needs no emulation prevention: no two zeros, none at the end. */
const nal = fc
  .uint8Array({ minLength: 1, maxLength: 40 })
  .map((bytes) => bytes.map((byte, i) => (byte === 0 && (i === bytes.length - 1 || bytes[i - 1] === 0) ? 7 : byte)))
  .map((bytes) => Uint8Array.from(bytes, (byte, i) => (byte === 0 && bytes[i + 1] === 0 ? 9 : byte)));

it('finds every unit again, whatever the length of the start codes', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(nal, fc.boolean()), { maxLength: 8 }), (units) => {
      const stream = units.flatMap(([bytes, long]) => [...(long ? [0, 0, 0, 1] : [0, 0, 1]), ...bytes]);
      expect(splitAnnexB(Uint8Array.from(stream)).map((found) => [...found])).toEqual(
        units.map(([bytes]) => [...bytes]),
      );
    }),
  );
});

it('finds nothing in nothing', () => {
  expect(splitAnnexB(new Uint8Array())).toEqual([]);
  expect(splitAnnexB(Uint8Array.of(1, 2, 3))).toEqual([]);
  expect(splitAnnexB(Uint8Array.of(0, 0, 1))).toEqual([]);
});
