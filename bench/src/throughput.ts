/** `npm run bench:throughput`: the whole pipeline on live RTSP streams; the original's two tables, and JSON. */
import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { resolveClips } from '@lanecast/scripts/clips/resolve-clips';
import { runCommand, secondsFlag, wholeNumber } from '@lanecast/scripts/command-line';
import {
  addDetectorFlags,
  decodeOption,
  type DetectorFlags,
  detectorSettings,
  numberedStreams,
} from '@lanecast/server/config/flags';
import { mergeConfig, type RawConfig, validateConfig } from '@lanecast/server/config/load';
import { describeMachine } from './machine.js';
import { countsFlag, secondsOrNoneFlag } from './throughput/flags.js';
import { measure, type RunResult } from './throughput/measure.js';
import { describeRun, formatComparison, formatRun, formatSweep } from './throughput/report.js';
import { StreamFarm } from './throughput/stream-farm.js';

interface Flags extends DetectorFlags {
  streams: number;
  sweep?: number[];
  rtspBase?: string;
  clips?: string;
  duration: number;
  warmup: number;
  compare?: boolean;
  transport: string;
  decode?: string;
  streamsPerWorker?: number;
  json?: string;
}

const command = new Command('bench:throughput')
  .description('Measures the pipeline, without viewers, on live RTSP streams.')
  .option('--streams <n>', 'how many', wholeNumber(1, 256), 8)
  .option('--sweep <n,n...>', 'so many streams, one after the other, instead of --streams', countsFlag)
  .option('--rtsp-base <url>', 'read <url>/stream0..; default: streams of its own from embedded servers')
  .option('--clips <dir>', 'clips for its own streams; default: as `npm run streams`')
  .option('--duration <s>', 'seconds that are measured', secondsFlag, 60)
  .option('--warmup <s>', 'seconds before that', secondsOrNoneFlag, 5)
  .option('--transport <t>', 'tcp or udp', 'tcp')
  .addOption(decodeOption())
  .option('--streams-per-worker <n>', 'streams an ingest thread takes', wholeNumber(1, 256))
  .option('--compare', 'the same work also without batching, with batches of up to 8, and at 640x640 and 640x384')
  .option('--json <file>', 'write everything')
  .allowExcessArguments(false);

/** What `--compare` runs besides the default; sizes matter only to models that are prepared from a stock export. */
const VARIANTS: readonly { label: string; detector: RawConfig }[] = [
  { label: 'no batching', detector: { maxBatch: 1, width: 640, height: 384 } },
  { label: 'batch up to 8', detector: { maxBatch: 8, width: 640, height: 384 } },
  { label: '640x640', detector: { maxBatch: 1, width: 640, height: 640 } },
];

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const log = { info: () => undefined, warn: (_: object, message: string) => say(`  ${message}`) };

await runCommand(async () => {
  const flags = addDetectorFlags(command).parse().opts<Flags>();
  const machine = describeMachine();
  say(
    `machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}${machine.gpu ? `, ${machine.gpu}` : ''}`,
  );
  const runs: RunResult[] = [];
  const date = new Date().toISOString();
  for (const count of flags.sweep ?? [flags.streams]) {
    await runAll(count, flags, (run) => {
      runs.push(run);
      say(`\n${formatRun(run)}`);
      // After every run: what a later one breaks off must not be lost.
      if (flags.json)
        writeFileSync(flags.json, `${JSON.stringify({ bench: 'throughput', date, machine, runs }, null, 1)}\n`);
    });
  }
  if (flags.sweep) say(`\n${formatSweep(runs)}`);
  else if (runs.length > 1) {
    say(`\nthe same work, compared (${describeRun(runs[0]!)})\n\n${formatComparison(runs)}`);
  }
  if (flags.json) say(`\nwrote ${flags.json}`);
});

/** Every configuration that was asked for, with so many streams. */
async function runAll(count: number, flags: Flags, onRun: (run: RunResult) => void): Promise<void> {
  const farm = flags.rtspBase === undefined ? await ownStreams(count, flags.clips) : null;
  try {
    const streams = farm
      ? farm.urls.map((url, i) => ({ id: `stream${i}`, url }))
      : numberedStreams(count, flags.rtspBase!);
    const label = flags.sweep ? `${count} streams` : 'as configured';
    for (const variant of [{ label, detector: {} }, ...(flags.compare ? VARIANTS : [])]) {
      const config = validateConfig({
        streams,
        ingest: {
          transport: flags.transport,
          ...(flags.decode !== undefined && { decode: flags.decode }),
          ...(flags.streamsPerWorker !== undefined && { streamsPerWorker: flags.streamsPerWorker }),
        },
        detector: mergeConfig(detectorSettings(flags), variant.detector),
      });
      const { warmup: warmupS, duration: durationS } = flags;
      onRun(await measure({ label: variant.label, config, warmupS, durationS, log, publishers: farm }));
    }
  } finally {
    await farm?.close();
  }
}

async function ownStreams(count: number, directory: string | undefined): Promise<StreamFarm> {
  const resolved = await resolveClips({ count, directory });
  say(`clips: ${resolved.description}`);
  return StreamFarm.start(count, resolved.paths);
}
