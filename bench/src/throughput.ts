/** `npm run bench:throughput`: the whole pipeline on live RTSP streams; the original's two tables, and JSON. */
import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { resolveClips } from '@lanecast/scripts/clips/resolve-clips';
import { runCommand, secondsFlag, wholeNumber } from '@lanecast/scripts/command-line';
import { startStreams } from '@lanecast/scripts/streams/start-streams';
import { addDetectorFlags, type DetectorFlags, detectorSettings, numberedStreams } from '@lanecast/server/config/flags';
import { mergeConfig, type RawConfig, validateConfig } from '@lanecast/server/config/load';
import { describeMachine } from './machine.js';
import { secondsOrNoneFlag } from './throughput/flags.js';
import { measure, type RunResult } from './throughput/measure.js';
import { describeRun, formatComparison, formatRun } from './throughput/report.js';

interface Flags extends DetectorFlags {
  streams: number;
  rtspBase?: string;
  clips?: string;
  duration: number;
  warmup: number;
  compare?: boolean;
  transport: string;
  json?: string;
}

const command = new Command('bench:throughput')
  .description('Measures the pipeline, without viewers, on live RTSP streams.')
  .option('--streams <n>', 'how many', wholeNumber(1, 256), 8)
  .option('--rtsp-base <url>', 'read <url>/stream0..; default: streams of its own from an embedded server')
  .option('--clips <dir>', 'clips for its own streams; default: as `npm run streams`')
  .option('--duration <s>', 'seconds that are measured', secondsFlag, 60)
  .option('--warmup <s>', 'seconds before that', secondsOrNoneFlag, 5)
  .option('--transport <t>', 'tcp or udp', 'tcp')
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

await runCommand(async () => {
  const flags = addDetectorFlags(command).parse().opts<Flags>();
  const own = flags.rtspBase === undefined ? await ownStreams(flags) : null;
  const machine = describeMachine();
  say(`machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}`);
  const runs: RunResult[] = [];
  try {
    const streams = own
      ? own.urls.map((url, i) => ({ id: `stream${i}`, url }))
      : numberedStreams(flags.streams, flags.rtspBase!);
    const variants = [{ label: 'as configured', detector: {} }, ...(flags.compare ? VARIANTS : [])];
    for (const { label, detector } of variants) {
      const config = validateConfig({
        streams,
        ingest: { transport: flags.transport },
        detector: mergeConfig(detectorSettings(flags), detector),
      });
      const log = { info: () => undefined, warn: (_: object, message: string) => say(`  ${message}`) };
      const run = await measure({ label, config, warmupS: flags.warmup, durationS: flags.duration, log });
      runs.push(run);
      say(`\n${formatRun(run)}`);
    }
  } finally {
    await own?.close();
  }
  if (runs.length > 1) {
    say(`\nthe same work, compared (${describeRun(runs[0]!)})\n\n${formatComparison(runs)}`);
  }
  if (flags.json) {
    writeFileSync(
      flags.json,
      `${JSON.stringify({ bench: 'throughput', date: new Date().toISOString(), machine, runs }, null, 1)}\n`,
    );
    say(`\nwrote ${flags.json}`);
  }
});

async function ownStreams({ streams, clips }: Flags) {
  const resolved = await resolveClips({ count: streams, directory: clips });
  say(`clips: ${resolved.description}`);
  return startStreams({ count: streams, clips: resolved.paths, server: 'embedded', log: () => undefined });
}
