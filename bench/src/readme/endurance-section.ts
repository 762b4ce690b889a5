import type { FaultResult } from '../faults/matrix.js';
import { faultRow, type FaultsReport } from '../faults/report.js';
import type { MemoryReport } from '../memory/report.js';
import { markdownTable } from './markdown-table.js';

/** Whether it grows; nothing where that was not measured. */
export function memorySection(report: MemoryReport | null): string[] {
  const slope = report?.verdict.slope;
  if (!report || !slope) return [];
  const { options, totals, verdict } = report;
  const hours = Number(options['durationS']) / 3600;
  const count = (name: 'descriptors' | 'threads' | 'handles'): string => {
    const growth = verdict.counts[name];
    return growth ? `${growth.first} then ${growth.last} ${name}` : '';
  };
  return [
    `${hours.toFixed(1)} hours with ${options['streams']} cameras, ${totals.visits} visits of viewers and ${totals.cameraDeaths} deaths of cameras` +
      ` (\`bench:memory\`): ${slope.startValue.toFixed(0)} MiB, growing by ${slope.slopePerHour.toFixed(1)} MiB an hour (95 %: ${slope.lowerPerHour.toFixed(1)} to ${slope.upperPerHour.toFixed(1)});` +
      ` at rest ${count('descriptors')}, ${count('threads')}, ${count('handles')}.`,
    '',
  ];
}

/**
 * What may go wrong, and what becomes of the rest; nothing where that was not measured. What the machine of `report` had to
 * skip for want of a GPU comes from `onGpu`.
 */
export function faultsSection(report: FaultsReport | null, onGpu: FaultsReport | null): string[] {
  if (!report) return [];
  const gpuRows = new Map(onGpu?.results.map((result) => [result.name, result]));
  const gpuName = onGpu?.machine.gpu?.split(',')[0];
  const row = (result: FaultResult): string[] => {
    const there = result.skipped === null ? undefined : gpuRows.get(result.name);
    const [name, verdict, ...figures] = faultRow(there ?? result);
    if (there) return [`${name} (on the ${gpuName})`, verdict!, ...figures];
    return [name!, result.skipped === null ? verdict! : `skipped: ${result.skipped}`, ...figures];
  };
  return [
    'What happens to one camera, thread or client (`bench:faults`): until all is well again, and what the other streams' +
      ' lost meanwhile (looked at ten times a second):',
    '',
    markdownTable(
      ['', 'result', 'recovered (s)', "the others' packets", 'lost or damaged', 'their longest gap (ms)'],
      report.results.map(row),
    ),
    '',
  ];
}
