/** `npm run bench:viewers`: what viewers of 8 streams of 720p cost the server, and whether it keeps anything of those gone. */
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { Command, Option } from 'commander';
import { runCommand, secondsFlag, wholeNumber } from '@lanecast/scripts/command-line';
import { LanecastError } from '@lanecast/server/core/errors';
import { describeMachine } from './machine.js';
import { StreamFarm } from './throughput/stream-farm.js';
import { churn } from './viewers/churn.js';
import { cameraLikeClip } from './viewers/clips.js';
import { measure } from './viewers/measure.js';
import type { Engine, Place } from './viewers/media-places.js';
import type { ChurnReport, ViewersReport, ViewersRow } from './viewers/report.js';

interface Flags {
  streams: number;
  viewers: number[];
  engine: Engine | 'both';
  place: Place | 'both';
  seconds: number;
  churn?: true;
  minutes: number;
  profile?: string;
  json?: string;
}

const CLIPS = 4;

const command = new Command('bench:viewers')
  .description('Measures the processor time that viewers cost the server: light receivers in a process of their own.')
  .option('--streams <n>', 'of 1280x720, 25 frames a second, about 2.5 Mbit/s each', wholeNumber(1, 16), 8)
  .option(
    '--viewers <list>',
    'how many, one after the other',
    (text) => text.split(',').map(wholeNumber(0, 64)),
    [0, 1, 4],
  )
  .addOption(
    new Option('--engine <e>', 'WebRTC library').choices(['werift', 'libdatachannel', 'both']).default('werift'),
  )
  .addOption(new Option('--place <p>', 'thread that sends').choices(['worker', 'main', 'both']).default('worker'))
  .option('--seconds <s>', 'of each measurement', secondsFlag, 15)
  .option('--churn', 'viewers join and leave in waves instead, of the largest number of --viewers')
  .option('--minutes <n>', 'of --churn', wholeNumber(1, 600), 10)
  .option('--profile <directory>', 'where to write profiles of the server (see --cpu-prof of Node)')
  .option('--json <file>', 'write everything')
  .allowExcessArguments(false);

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function print(row: ViewersRow): void {
  const { engine, place, viewers, cpuMsPerS, mediaCpuMsPerS, loopDelayP99Ms } = row;
  say(
    `${engine.padEnd(15)} ${place.padEnd(7)} ${viewers} viewers: ${cpuMsPerS.toFixed(0)} ms/s` +
      ` (media thread ${mediaCpuMsPerS?.toFixed(0) ?? '-'}), event loop p99 ${loopDelayP99Ms.toFixed(1)} ms;` +
      ` each got ${row.packetsPerS.toFixed(0)} packets/s, ${row.megabitsPerS.toFixed(1)} Mbit/s,` +
      ` ${row.tracksPerS.toFixed(0)} messages/s, missed ${row.missing} (${row.missingWhileJoining} while joining)`,
  );
}

async function runChurn(urls: readonly string[], { engine, place, viewers, minutes, json }: Flags): Promise<void> {
  if (engine === 'both' || place === 'both')
    throw new LanecastError('churn-one', 'With --churn name one --engine and one --place');
  const result = await churn(urls, { engine, place }, Math.max(...viewers), minutes, say);
  const report: ChurnReport = {
    bench: 'viewers-churn',
    date: new Date().toISOString(),
    machine: describeMachine(),
    streams: urls.length,
    churn: result,
  };
  say(
    `${result.joined} viewers: ${result.rssKiBPerViewer.toFixed(1)} KiB a viewer (at most` +
      ` ${result.rssKiBPerViewerUpper95.toFixed(1)}), ${result.peersLeft} peers left, ${result.descriptorsGrown} more descriptors,` +
      ` ${result.socketsGrown} sockets, ${result.timersGrown} timers`,
  );
  if (json) writeFileSync(json, `${JSON.stringify(report, null, 1)}\n`);
  if (Math.max(result.peersLeft, result.descriptorsGrown, result.socketsGrown, result.timersGrown) > 0)
    throw new LanecastError('viewers-leak', 'Viewers that have left are still held: see the lines above.');
}

await runCommand(async () => {
  const flags = command.parse().opts<Flags>();
  const before = loadavg()[0]!;
  const clips: string[] = [];
  for (let seed = 1; seed <= Math.min(CLIPS, flags.streams); seed++) clips.push(await cameraLikeClip(seed));
  const farm = await StreamFarm.start(flags.streams, clips);
  try {
    if (flags.churn) {
      await runChurn(farm.urls, flags);
      return;
    }
    const rows: ViewersRow[] = [];
    const engines: Engine[] = flags.engine === 'both' ? ['werift', 'libdatachannel'] : [flags.engine];
    const places: Place[] = flags.place === 'both' ? ['worker', 'main'] : [flags.place];
    for (const engine of engines)
      for (const place of places) {
        const execArgv = flags.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${flags.profile}`];
        const { viewers, seconds } = flags;
        for (const row of await measure(farm.urls, { engine, place, viewers, seconds, execArgv })) {
          print(row);
          rows.push(row);
        }
      }
    const report: ViewersReport = {
      bench: 'viewers',
      date: new Date().toISOString(),
      machine: describeMachine(),
      loadAverage: { before, after: loadavg()[0]! },
      streams: flags.streams,
      rows,
    };
    if (flags.json) writeFileSync(flags.json, `${JSON.stringify(report, null, 1)}\n`);
  } finally {
    await farm.close();
  }
});
