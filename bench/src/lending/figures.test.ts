import { expect, it } from 'vitest';
import { compareUse, cpuSecondsOf, useBetween } from './figures.js';

it('adds up the processor time of all modes', () => {
  const text =
    '# HELP x\nlanecast_process_cpu_seconds_total{mode="user"} 1.5\nlanecast_process_cpu_seconds_total{mode="system"} 2.5e-1\n';
  expect(cpuSecondsOf(text)).toBe(1.75);
});

it('gives rates between two moments, and what the one saves of the other', () => {
  const at = (atMs: number, cpuSeconds: number, detected: number) => ({ atMs, cpuSeconds, detected });
  const server = useBetween(at(1000, 1, 10), at(11_000, 6, 210), { p50: 20, p95: 40 });
  expect(server).toMatchObject({ seconds: 10, cpuMsPerS: 500, detectedPerS: 20 });
  const lent = useBetween(at(0, 0, 0), at(10_000, 2, 100), { p50: 80, p95: 120 });
  expect(compareUse(server, lent)).toEqual({
    cpuSavedMsPerS: 300,
    cpuSavedPct: 60,
    addedLatencyMs: { p50: 60, p95: 80 },
  });
});
