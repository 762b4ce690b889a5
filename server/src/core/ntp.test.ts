import { expect, test } from 'vitest';
import { ntpTimestamp } from './ntp.js';

test('1970 began 2208988800 s after 1900; half a second is the upper bit of the fraction', () => {
  expect(ntpTimestamp(0)).toBe(2_208_988_800n << 32n);
  expect(ntpTimestamp(500)).toBe((2_208_988_800n << 32n) | 0x80000000n);
});

test('the first era ends in 2036', () => {
  expect(ntpTimestamp(Date.UTC(2036, 1, 7, 6, 28, 16))).toBe(0n);
});
