import { expect, it } from 'vitest';
import { FakeClock } from '../../../ingest/rtsp/testing/fake-clock.js';
import { AttemptLimiter } from './attempt-limiter.js';

it('hears ten wrong tokens at once and then one every six seconds, from each address', () => {
  const clock = new FakeClock();
  const limiter = new AttemptLimiter(clock);
  for (let i = 0; i < 10; i++) {
    expect(limiter.waitS('10.0.0.1')).toBe(0);
    limiter.failed('10.0.0.1');
  }
  expect(limiter.waitS('10.0.0.1')).toBe(6);
  expect(limiter.waitS('10.0.0.2')).toBe(0);
  clock.advance(4000);
  expect(limiter.waitS('10.0.0.1')).toBe(2);
  clock.advance(2000);
  expect(limiter.waitS('10.0.0.1')).toBe(0);
  limiter.failed('10.0.0.1');
  expect(limiter.waitS('10.0.0.1')).toBe(6);
  clock.advance(3_600_000);
  for (let i = 0; i < 9; i++) limiter.failed('10.0.0.1');
  expect(limiter.waitS('10.0.0.1')).toBe(0);
});

it('forgets the address that was quiet longest when there are too many', () => {
  const limiter = new AttemptLimiter(new FakeClock());
  for (let i = 0; i < 10; i++) limiter.failed('first');
  for (let i = 0; i < 9999; i++) limiter.failed(`other ${i}`);
  expect(limiter.waitS('first')).toBe(6);
  limiter.failed('one more');
  expect(limiter.waitS('first')).toBe(0);
});
