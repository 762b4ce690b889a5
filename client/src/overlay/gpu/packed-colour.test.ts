import { expect, test } from 'vitest';
import { packedColour } from './packed-colour.js';

test('red is in the lowest byte, alpha in the highest', () => {
  expect(packedColour('#4cc9ff')).toBe(0xffffc94c);
  expect(packedColour('rgba(6, 9, 13, 0.84)')).toBe(0xd60d0906);
});

test('a strength is multiplied in', () => {
  expect(packedColour('#000000', 0.5) >>> 24).toBe(128);
  expect(packedColour('rgba(0, 0, 0, 0.5)', 0.5) >>> 24).toBe(64);
  expect(packedColour('#ffffff', 0) >>> 24).toBe(0);
});

test('another notation is refused, not drawn black', () => {
  expect(() => packedColour('hsl(0 0% 0%)')).toThrow(RangeError);
});
