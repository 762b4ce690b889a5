import { expect, it } from 'vitest';
import { formatTimings, timeTracker } from './timing.js';

it('times updates only, with the clock that it is given', () => {
  // Each reading of the clock is 2 ms after the last: so is every update's duration.
  let nowMs = 0;
  const timing = timeTracker(5, 100, 1, () => (nowMs += 2));
  expect(timing).toMatchObject({ objects: 5, frames: 100, framesPerS: 500, meanMs: 2, p50Ms: 2, p99Ms: 2, maxMs: 2 });
  expect(timing.meanTracks).toBeGreaterThan(3);
  expect(timing.meanTracks).toBeLessThan(6);
});

it('prints a line per scene under a header', () => {
  const timing = timeTracker(5, 10, 1, () => 0);
  const lines = formatTimings([timing, { ...timing, objects: 50, framesPerS: 1234, p99Ms: 0.1234 }]).split('\n');
  expect(lines[0]).toMatch(/^objects +frames\/s +mean ms/);
  expect(lines.at(-1)).toMatch(/^50 +1234 .* 0\.123 /);
});
