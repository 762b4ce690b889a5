import { expect, it } from 'vitest';
import { serviceStatus } from './service-status.js';

it('says what lives, and what does not', () => {
  const streams = [{ state: 'live' }, { state: 'backoff' }] as const;
  expect(serviceStatus(streams, 24.6, 2, null)).toBe('1 of 2 cameras live, 25 frames/s, 2 watching');
  expect(serviceStatus(streams, 0, 0, 'the detector hangs')).toMatch(/0 watching; the detector hangs$/);
});
