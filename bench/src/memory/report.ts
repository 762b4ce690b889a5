import { loadavg } from 'node:os';
import { describeMachine, type Machine } from '../machine.js';
import type { MemorySample } from './samples.js';
import type { MemoryVerdict } from './verdict.js';
import type { VisitTotals } from './visits.js';

/** What bench:memory writes. */
export interface MemoryReport {
  bench: 'memory';
  date: string;
  machine: Machine;
  loadAverage: number;
  options: Record<string, string | number | null>;
  totals: Omit<VisitTotals, 'refused'> & { refused: number; refusals: string[] };
  verdict: MemoryVerdict;
  samples: MemorySample[];
}

const MAX_REFUSALS = 20;

export function memoryReport(
  options: MemoryReport['options'],
  samples: readonly MemorySample[],
  { refused, ...totals }: VisitTotals,
  verdict: MemoryVerdict,
): MemoryReport {
  return {
    bench: 'memory',
    date: new Date().toISOString(),
    machine: describeMachine(),
    loadAverage: loadavg()[0]!,
    options,
    totals: { ...totals, refused: refused.length, refusals: refused.slice(0, MAX_REFUSALS) },
    verdict,
    samples: samples.map(rounded),
  };
}

/** Two decimals are plenty, and half the file. */
function rounded(sample: MemorySample): MemorySample {
  const entries = Object.entries(sample).map(([key, value]: [string, number | boolean]) => [
    key,
    typeof value === 'number' ? Math.round(100 * value) / 100 : value,
  ]);
  return Object.fromEntries(entries) as MemorySample;
}

/** A few lines for people. */
export function summary({ samples, totals, verdict }: MemoryReport): string {
  const { slope, counts, faults } = verdict;
  const measured = samples.filter(({ timeS }) => timeS >= 0);
  const cpu = measured.reduce((sum, s) => sum + s.cpu, 0) / Math.max(1, measured.length);
  return [
    `${totals.visits} visits (${totals.refused} refused, ${totals.emptyHanded} got nothing), ${totals.cameraDeaths} camera deaths, ${(100 * cpu).toFixed(0)} % of one core`,
    slope
      ? `resident memory: ${slope.startValue.toFixed(1)} MiB, ${slope.slopePerHour.toFixed(2)} MiB an hour, 95 % between ${slope.lowerPerHour.toFixed(2)} and ${slope.upperPerHour.toFixed(2)} (${slope.blocks.length} blocks, autocorrelation ${slope.autocorrelation.toFixed(2)})`
      : `resident memory: ${measured.at(-1)?.rss.toFixed(1) ?? '-'} MiB; too short for a slope`,
    `at rest, first and last: ${Object.entries(counts)
      .map(([name, growth]) => `${name} ${growth ? `${growth.first} -> ${growth.last}` : '-'}`)
      .join(', ')}`,
    ...(faults.length > 0 ? faults.map((fault) => `FAULT: ${fault}`) : ['flat']),
  ].join('\n');
}
