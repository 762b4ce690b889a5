import { expect, it } from 'vitest';
import { LoadGate } from './load-gate.js';

const BUSY = { delayP99Ms: 140, utilization: 0.98 };
const CALM = { delayP99Ms: 20, utilization: 0.5 };

/** What `isClosed` is after each report. */
function states(...reports: { delayP99Ms: number; utilization: number }[]): boolean[] {
  const gate = new LoadGate();
  return reports.map((report) => {
    gate.observe(report);
    return gate.isClosed;
  });
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

it('closes after three seconds of overload, not before', () => {
  expect(states(...times(6, BUSY))).toEqual([false, false, false, false, false, true]);
});

it('takes a pause for no overload', () => {
  expect(states(...times(5, BUSY), CALM, ...times(5, BUSY))).not.toContain(true);
});

it('takes a thread that is late but has little to do for no overload, nor one that is busy but in time', () => {
  expect(states(...times(20, { delayP99Ms: 400, utilization: 0.3 }))).not.toContain(true);
  expect(states(...times(20, { delayP99Ms: 30, utilization: 0.99 }))).not.toContain(true);
});

it('opens after five seconds of calm, and what lies between the limits is none', () => {
  const between = { delayP99Ms: 85, utilization: 0.95 };
  const closed = times(6, BUSY);
  expect(states(...closed, ...times(30, between)).at(-1)).toBe(true);
  expect(states(...closed, ...times(9, CALM)).at(-1)).toBe(true);
  expect(states(...closed, ...times(10, CALM)).at(-1)).toBe(false);
  expect(states(...closed, ...times(9, CALM), between, ...times(9, CALM)).at(-1)).toBe(true);
});

it('says when it turns', () => {
  const gate = new LoadGate();
  expect([...times(6, BUSY), ...times(10, CALM)].map((report) => gate.observe(report)).filter(Boolean)).toHaveLength(2);
});
