/** `npm run bench:memory`: does the server grow, while viewers and cameras come and go? */
import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { syntheticClip } from '@lanecast/scripts/clips/synthetic-clip';
import { runCommand, secondsFlag, wholeNumber } from '@lanecast/scripts/command-line';
import { numberFlag } from '@lanecast/server/config/flags';
import { LanecastError } from '@lanecast/server/core/errors';
import { Cameras } from './cameras/cameras.js';
import { causeFault } from './faults/cause-fault.js';
import { LanecastProcess } from './latency/lanecast-process.js';
import { describeMachine } from './machine.js';
import { plotMemory } from './memory/plot.js';
import { shareFlag } from './tracker/flags.js';
import { memoryReport, summary } from './memory/report.js';
import { runChurn } from './memory/run.js';
import { Sampler } from './memory/sampler.js';
import { trackForLong } from './memory/tracker.js';
import { judge } from './memory/verdict.js';

interface Flags {
  duration: number;
  warmUp?: number;
  cycle: number;
  rest: number;
  every: number;
  visits: number;
  streams: number;
  fps: number;
  maxSlope?: number;
  rude: number;
  seed: number;
  server?: string;
  short?: boolean;
  tracker?: boolean;
  frames: number;
  json?: string;
  plot?: string;
}

const command = new Command('bench:memory')
  .description(
    'Runs a server on looped RTSP streams of 640x360 while viewers and cameras come and go; fails if its memory, ' +
      'descriptors, threads, handles or timers grow. Linux only.',
  )
  .option('--duration <s>', 'measured time', secondsFlag, 3600)
  .option(
    '--warm-up <s>',
    'time before it, with the same churn, that is not judged (default: a quarter, at most 900)',
    secondsFlag,
  )
  .option('--cycle <s>', 'a round: churn, then rest; also the block of which medians are taken', secondsFlag, 120)
  .option('--rest <s>', 'its end in which nobody watches', secondsFlag, 45)
  .option('--every <s>', 'between two samples', secondsFlag, 5)
  .option('--visits <n>', 'in a round', wholeNumber(1, 1000), 12)
  .option('--rude <share>', 'of the viewers who vanish instead of saying goodbye, 0 to 1', shareFlag, 0.3)
  .option('--streams <n>', 'how many cameras', wholeNumber(1, 64), 4)
  .option('--fps <n>', 'of each camera', wholeNumber(1, 60), 10)
  .option(
    '--max-slope <mb>',
    "highest MiB an hour for the upper end of the slope's 95 % interval (default 5)",
    numberFlag,
  )
  .option('--seed <n>', 'of the churn', wholeNumber(0, 1e9), 1)
  .option('--server <flags>', 'further flags of the server, in one argument')
  .option('--short', 'twenty seconds: whether everything runs and returns; memory is not judged')
  .option('--tracker', 'the tracker alone instead')
  .option('--frames <n>', 'of the tracker alone', wholeNumber(1000, 1e9), 1_000_000)
  .option('--json <file>', 'write everything')
  .option('--plot <file>', 'draw it (SVG)')
  .allowExcessArguments(false);

/** Its viewers all say goodbye: to miss one that vanished takes longer. */
const SHORT = { duration: 16, warmUp: 8, cycle: 8, rest: 4.5, every: 0.5, visits: 6, rude: 0 };
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** MiB that the tracker's heap may differ by: what V8 itself learns meanwhile. */
const TRACKER_SLACK = 1;

function measureTracker({ frames, json }: Flags): void {
  const result = trackForLong(frames);
  const { heapStart, heapEnd, tracks, secondsTaken } = result;
  say(
    `${frames} frames, ${tracks} tracks, ${secondsTaken.toFixed(0)} s: ${heapStart.toFixed(2)} -> ${heapEnd.toFixed(2)} MiB`,
  );
  const report = { bench: 'memory-tracker', date: new Date().toISOString(), machine: describeMachine(), ...result };
  if (json) writeFileSync(json, `${JSON.stringify(report, null, 1)}\n`);
  if (heapEnd - heapStart > TRACKER_SLACK)
    throw new LanecastError('memory-grows', `the tracker's heap grew by ${(heapEnd - heapStart).toFixed(2)} MiB`);
  say('flat');
}

await runCommand(async () => {
  const given = command.parse().opts<Flags>();
  if (given.tracker) {
    measureTracker(given);
    return;
  }
  const flags = given.short ? { ...given, ...SHORT } : given;
  const { duration: durationS, cycle: cycleS, rest: restS, every: everyS, visits, rude, seed } = flags;
  if (restS >= cycleS) throw new LanecastError('flag-invalid', '--rest must be shorter than --cycle');
  const wanted = flags.warmUp ?? Math.min(900, durationS / 4);
  // Whole rounds, so that the first measured round is like the others.
  const warmupS = Math.ceil(wanted / cycleS) * cycleS;
  const maxSlopePerHour = given.short ? (given.maxSlope ?? null) : (given.maxSlope ?? 5);
  const clips: string[] = [];
  for (let i = 0; i < flags.streams; i++) clips.push((await syntheticClip({ seed: i + 1, fps: flags.fps })).path);
  const streams = clips.map((_, i) => `stream${i}`);
  const cameras = await Cameras.start(clips.map((clip, i) => ({ path: streams[i]!, clip })));
  let server: LanecastProcess | null = null;
  try {
    const more = flags.server?.split(/\s+/).filter((flag) => flag !== '') ?? [];
    server = await LanecastProcess.start([
      ...['--streams', String(flags.streams), '--rtsp-base', cameras.base, '--debug-faults'],
      ...more,
    ]);
    const { url, pid } = server;
    const { samples, totals } = await runChurn(
      {
        url,
        streams,
        kill: (stream) => cameras.unpublish(stream),
        collectGarbage: () => causeFault(url, { fault: 'collect-garbage' }),
        revive: (stream) => cameras.publish(stream, clips[streams.indexOf(stream)]!),
      },
      // A viewer that vanished is missed after half a minute at the latest.
      new Sampler(url, pid, Math.min(32, 0.7 * restS)),
      {
        ...{ durationS, warmupS, cycleS, restS, everyS, visits, rude, seed },
        onSample: ({ timeS, rss, descriptors, handles, viewers }) => {
          if (Math.floor(timeS / 60) !== Math.floor((timeS - everyS) / 60))
            say(
              `${(timeS / 60).toFixed(0).padStart(4)} min  ${rss.toFixed(1)} MiB  ${descriptors} descriptors  ${handles} handles  ${viewers} viewers`,
            );
        },
      },
    );
    const verdict = judge(samples, { durationS, blockS: cycleS, maxSlopePerHour });
    const options = {
      ...{ durationS, warmupS, cycleS, restS, everyS, visits, seed },
      ...{ streams: flags.streams, fps: flags.fps, server: flags.server ?? null },
    };
    const report = memoryReport(options, samples, totals, verdict);
    say(summary(report));
    if (flags.json) writeFileSync(flags.json, `${JSON.stringify(report)}\n`);
    if (flags.plot) writeFileSync(flags.plot, plotMemory(report));
    if (verdict.faults.length > 0) throw new LanecastError('memory-grows', verdict.faults.join('; '));
  } finally {
    await server?.close();
    await cameras.close();
  }
});
