import { expect, it } from 'vitest';
import { linkFailure, stepOfClose, waitingFor } from './link-status.js';

it.each([
  ['websocket', false, false, 'new', 'new'],
  ['signalling', true, false, 'new', 'new'],
  ['ice', true, true, 'checking', 'connecting'],
  ['ice', true, true, 'failed', 'failed'],
  ['dtls', true, true, 'connected', 'connecting'],
  ['media', true, true, 'completed', 'connected'],
] as const)('an attempt that hangs is said to wait for %s', (step, socketOpen, answered, ice, dtls) => {
  expect(waitingFor({ socketOpen, answered, ice, dtls })).toBe(step);
});

it('says what failed, in which detail, and what to do', () => {
  const failure = linkFailure('ice', 'no candidate pair');
  expect(failure.message).toMatch(/ICE.*: no candidate pair$/);
  expect(failure.advice).toMatch(/UDP/);
});

it('tells a server that is full from one that is not reached', () => {
  expect(stepOfClose(1013, false)).toBe('place');
  expect(stepOfClose(1006, false)).toBe('websocket');
  expect(stepOfClose(1006, true)).toBe('signalling');
  expect(linkFailure('place', 'more than it can').advice).not.toMatch(/proxy|firewall/i);
});
