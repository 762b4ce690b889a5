import type { LendingReport } from '../lending/figures.js';
import { markdownTable } from './markdown-table.js';

/** Detection in a page that lends. */
export function lendingSection(report: LendingReport): string[] {
  const { machine, streams, browser, lender, server, lent, loadAverage } = report;
  const row = (name: string, { cpuMsPerS, detectedPerS, latencyMs }: LendingReport['server']): string[] => [
    name,
    detectedPerS.toFixed(0),
    cpuMsPerS.toFixed(0),
    `${latencyMs.p50.toFixed(0)} / ${latencyMs.p95.toFixed(0)}`,
  ];
  return [
    `${streams} live ${streams === 1 ? 'stream' : 'streams'} and one dashboard that watches, detected by the server or by that dashboard (headless` +
      ` Chromium ${browser}, ${lender.runsOn}, ${lender.model}); all of it on the same ${machine.cores} cores` +
      ` (${machine.cpu}; load average before: ${loadAverage.before.toFixed(0)})${machine.gpu ? `, the page on the GPU (${machine.gpu})` : ''}:`,
    '',
    markdownTable(
      ['detected by', 'frames/s in all', "server's processor (ms a second)", 'arrival to tracks p50 / p95 (ms)'],
      [row('the server', server), row('the page', lent)],
    ),
    '',
  ];
}
