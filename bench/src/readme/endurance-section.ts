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

/** What may go wrong, and what becomes of the rest; nothing where that was not measured. */
export function faultsSection(report: FaultsReport | null): string[] {
  if (!report) return [];
  return [
    'What happens to one camera, thread or client (`bench:faults`): until all is well again, and what the other streams' +
      ` lost meanwhile (with no fault their longest gap between two looks at new pictures is ${report.baselineGapMs.toFixed(0)} ms):`,
    '',
    markdownTable(
      ['', 'result', 'recovered (s)', "the others' packets", 'lost or damaged', 'their longest gap (ms)'],
      report.results.map((result) => {
        const cells = faultRow(result);
        return result.skipped === null ? cells : [cells[0]!, `skipped: ${result.skipped}`, ...cells.slice(2)];
      }),
    ),
    '',
  ];
}
