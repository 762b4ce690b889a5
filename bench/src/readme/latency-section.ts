import type { BoxError } from '../latency/box-error.js';
import type { LatencyReport, Percentiles } from '../latency/figures.js';
import { markdownTable } from './markdown-table.js';

const KINDS = [
  ['measured', 'measured'],
  ['interpolated', 'between two'],
  ['predicted', 'carried on'],
] as const;

const pixels = ({ centrePx, boxes }: BoxError): string =>
  centrePx ? `${centrePx.median.toFixed(1)} / ${centrePx.p95.toFixed(1)} (${boxes})` : '-';

const both = (figures: Percentiles | null): string =>
  figures ? `${figures.p50.toFixed(0)} / ${figures.p95.toFixed(0)}` : '-';

function conditions({ mode, lossPercent, detectionDelayMs }: LatencyReport): string {
  return [
    mode,
    ...(lossPercent > 0 ? [`${lossPercent} % of the packets lost`] : []),
    ...(detectionDelayMs > 0 ? [`detections up to ${detectionDelayMs} ms late`] : []),
  ].join(', ');
}

function errorRow(report: LatencyReport): string[] {
  return [conditions(report), ...KINDS.map(([kind]) => pixels(report.boxError[kind]))];
}

function row(report: LatencyReport): string[] {
  const { holdMs, wrongFrames, provenFrames } = report;
  return [
    conditions(report),
    String(report.overlayFrames),
    `${report.measuredPct.toFixed(0)} %`,
    provenFrames === 0 ? '-' : `${provenFrames - wrongFrames} of ${provenFrames}`,
    holdMs === null ? '-' : holdMs.toFixed(0),
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
    'How far the boxes on the page were from the vehicles that they belong to, on that very frame, by the truth of the' +
      ' scenes: pixels between the centres, median / p95, and how many boxes that is. The measured ones have the' +
      " detector's own error:",
    '',
    markdownTable(['', ...KINDS.map(([, words]) => words)], reports.map(errorRow)),
    '',
  ];
}
