import { expect, it } from 'vitest';
import { requireLoopbackForFaults } from './debug-routes.js';

it('is for loopback only', () => {
  expect(() => requireLoopbackForFaults('127.0.0.1')).not.toThrow();
  expect(() => requireLoopbackForFaults('0.0.0.0')).toThrow(expect.objectContaining({ code: 'debug-faults-exposed' }));
});
