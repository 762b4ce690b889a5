import type { LatencyReport, Percentiles } from '../latency/figures.js';
import { markdownTable } from './markdown-table.js';

const both = (figures: Percentiles | null): string =>
  figures ? `${figures.p50.toFixed(0)} / ${figures.p95.toFixed(0)}` : '-';

function row(report: LatencyReport): string[] {
  const { mode, lossPercent, detectionDelayMs, holdMs, wrongFrames, provenFrames } = report;
  const conditions = [
    mode,
    ...(lossPercent > 0 ? [`${lossPercent} % of the packets lost`] : []),
    ...(detectionDelayMs > 0 ? [`detections up to ${detectionDelayMs} ms late`] : []),
  ];
  return [
    conditions.join(', '),
    String(report.overlayFrames),
    `${report.measuredPct.toFixed(0)} %`,
    provenFrames === 0 ? '-' : `${provenFrames - wrongFrames} of ${provenFrames}`,
    holdMs === null ? '-' : String(holdMs),
    both(report.latencyMs),
    both(report.firstPictureMs),
    report.loadAverage.before.toFixed(0),
  ];
}

/** The dashboard in a browser; nothing where that was not measured. */
export function latencySection(reports: readonly LatencyReport[]): string[] {
  const [first] = reports;
  if (!first) return [];
  const { machine, streams, browser } = first;
  return [
    `The dashboard in headless Chromium ${browser}, ${streams} live streams of 640x360; server, cameras and browser` +
      ` together on ${machine.cores} cores (${machine.cpu}), which had other work as well (last column: load average before):`,
    '',
    markdownTable(
      [
        '',
        'frames shown',
        'boxes measured on them',
        'on the right frame, of those that could be read',
        'hold (ms)',
        'source to screen p50 / p95 (ms)',
        'first picture p50 / p95 (ms)',
        'load',
      ],
      reports.map(row),
    ),
    '',
  ];
}
