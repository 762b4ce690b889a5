import type { Engine, Place } from '../viewers/media-places.js';
import type { ChurnReport, ViewersReport, ViewersRow } from '../viewers/report.js';
import { markdownTable } from './markdown-table.js';

const PLACES: Readonly<Record<Place, string>> = { worker: 'media worker', main: 'main thread' };

/** What viewers cost, and that nothing of those gone is kept; nothing where that was not measured. */
export function viewersSection(report: ViewersReport | null, churn: ChurnReport | null): string[] {
  if (!report) return [];
  const { machine, rows, streams } = report;
  const counts = [...new Set(rows.map(({ viewers }) => viewers))];
  const settings = new Map(rows.map(({ engine, place }) => [`${engine} ${place}`, { engine, place }]));
  const watched = rows.find(({ viewers }) => viewers > 0);
  return [
    `Viewers of ${streams} streams of 1280x720 (${watched?.megabitsPerS.toFixed(0) ?? '-'} Mbit/s and` +
      ` ${watched?.tracksPerS.toFixed(0) ?? '-'} track messages a second each): processor time of the server's process that` +
      ` reads and sends packets, without decoding and detection, and the 99th percentile of the main thread's event-loop` +
      ` delay (${machine.cores} cores of ${machine.cpu}, which viewers and cameras shared; the server uses werift in a worker):`,
    '',
    markdownTable(
      ['', ...counts.map((count) => `${count} ${count === 1 ? 'viewer' : 'viewers'} (ms/s; ms)`)],
      [...settings.values()].map(({ engine, place }) => [
        `${engine}, ${PLACES[place]}`,
        ...counts.map((count) => cell(rows, engine, place, count)),
      ]),
    ),
    '',
    ...churnLines(churn),
  ];
}

function cell(rows: readonly ViewersRow[], engine: Engine, place: Place, viewers: number): string {
  const row = rows.find((r) => r.engine === engine && r.place === place && r.viewers === viewers);
  return row ? `${row.cpuMsPerS.toFixed(0)}; ${row.loopDelayP99Ms.toFixed(1)}` : '-';
}

function churnLines(report: ChurnReport | null): string[] {
  if (!report) return [];
  const {
    viewers,
    joined,
    minutes,
    peersLeft,
    descriptorsGrown,
    socketsGrown,
    timersGrown,
    rssKiBPerViewer,
    rssKiBPerViewerUpper95,
  } = report.churn;
  return [
    `${joined} viewers of ${report.streams === 1 ? 'one stream' : `${report.streams} streams`} that came and left,` +
      ` ${viewers} at a time, in ${minutes} minutes: ${peersLeft} peer connections, ${descriptorsGrown} descriptors,` +
      ` ${socketsGrown} sockets and ${timersGrown} timers left over; the process' memory changed by ${rssKiBPerViewer.toFixed(1)} KiB a viewer (upper 95 % bound` +
      ` ${rssKiBPerViewerUpper95.toFixed(1)}).`,
    '',
  ];
}
