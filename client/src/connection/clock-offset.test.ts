import { expect, it } from 'vitest';
import { ClockOffset } from './clock-offset.js';

it('takes the answer that came back quickest', () => {
  const clock = new ClockOffset();
  expect(clock.offsetMs).toBeNull();
  clock.add(1000, 6030, 1100);
  clock.add(2000, 7001, 2002);
  clock.add(3000, 8090, 3100);
  expect(clock.offsetMs).toBe(5000);
  expect(clock.uncertaintyMs).toBe(1);
});

it('forgets old answers, and takes no notice of clocks that went back', () => {
  const clock = new ClockOffset(2);
  clock.add(0, 100, 1);
  clock.add(5000, 9000, 4000);
  expect(clock.offsetMs).toBe(99.5);
  clock.add(1000, 1210, 1020);
  clock.add(2000, 2210, 2020);
  expect(clock.offsetMs).toBe(200);
});
