/** `npm run bench:latency`: RTSP source to the page's pixels, in a real browser, and whether boxes fit their frames. */
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { runCommand, wholeNumber } from '@lanecast/scripts/command-line';
import { LanecastError } from '@lanecast/server/core/errors';
import { worldScenes } from './chain/world-scene.js';
import { boxErrors, type TruthSource } from './latency/box-error.js';
import { type LatencyReport, overlayFigures, percentiles } from './latency/figures.js';
import { LanecastProcess } from './latency/lanecast-process.js';
import { Sampler } from './latency/sampler.js';
import { StampedSource } from './latency/stamped-source.js';
import { measureFirstPicture, openBrowser, watchFrames } from './latency/viewer.js';
import { describeMachine } from './machine.js';

interface Flags {
  streams: number;
  frames: number;
  loads: number;
  mode: 'smooth' | 'fastest';
  loss: number;
  delay: number;
  json?: string;
}

const command = new Command('bench:latency')
  .description(
    'Measures the dashboard in headless Chromium on live RTSP streams of the demo (640x360): latency, first picture, boxes.',
  )
  .option('--streams <n>', 'how many', wholeNumber(1, 8), 2)
  .option('--frames <n>', 'presented frames that are measured', wholeNumber(1, 100_000), 300)
  .option('--loads <n>', 'page loads for the first picture', wholeNumber(0, 1000), 20)
  .addOption(new Option('--mode <m>', 'of the dashboard').choices(['smooth', 'fastest']).default('smooth'))
  .option('--loss <percent>', 'of the packets to the browser are dropped', wholeNumber(0, 50), 0)
  .option('--delay <ms>', 'each detection comes later by up to so much, at random', wholeNumber(0, 5000), 0)
  .option('--json <file>', 'write everything')
  .allowExcessArguments(false);

const WARMUP_MS = 6000;
/** Frames come slower than the sources' 25 a second where processors are short of time. */
const MS_PER_FRAME = 400;
const HOLD_EVERY_MS = 500;
const CLIPS = fileURLToPath(new URL('../../scripts/world/clips', import.meta.url));
const say = (line: string): void => void process.stdout.write(`${line}\n`);

await runCommand(async () => {
  const flags = command.parse().opts<Flags>();
  const machine = describeMachine();
  const loadAverageBefore = loadavg()[0]!;
  const scenes = worldScenes(CLIPS).slice(0, flags.streams);
  const truths = new Map(scenes.map((scene, i): [string, TruthSource] => [`stream${i}`, scene]));
  const browser = await openBrowser();
  let source: StampedSource | null = null;
  let server: LanecastProcess | null = null;
  let holds: Sampler | null = null;
  try {
    source = await StampedSource.start(
      scenes.map(({ clip }) => clip),
      scenes.map(({ frameCount }) => frameCount),
    );
    const base = source.urls[0]!.replace(/\/stream0$/, '');
    server = await LanecastProcess.start([
      ...['--streams', String(flags.streams), '--rtsp-base', base, '--debug-frame-numbers'],
      ...(flags.loss > 0 ? ['--debug-packet-loss', String(flags.loss)] : []),
      ...(flags.delay > 0 ? ['--debug-detection-delay', String(flags.delay)] : []),
    ]);
    const { frames: count, mode } = flags;
    const running = server;
    const frames = await watchFrames(browser, server.url, {
      count,
      mode,
      warmupMs: WARMUP_MS,
      timeoutMs: 10_000 + count * MS_PER_FRAME,
      onBegin: () => (holds = new Sampler(() => running.holdMs(), HOLD_EVERY_MS)),
    });
    const held = percentiles((await (holds as Sampler | null)?.stop()) ?? []);
    const holdMs = mode === 'fastest' ? 0 : (held?.p50 ?? null);
    const stamps = await source.stamps();
    const overlay = overlayFigures(frames, new Map(stamps.map((ofStream, i) => [`stream${i}`, ofStream])));
    const loads: number[] = [];
    for (let i = 0; i < flags.loads; i++) loads.push(await measureFirstPicture(browser, server.url));
    const report: LatencyReport = {
      bench: 'latency',
      date: new Date().toISOString(),
      machine,
      loadAverage: { before: loadAverageBefore, after: loadavg()[0]! },
      browser: browser.version(),
      publisher: source.publisher,
      streams: flags.streams,
      mode,
      lossPercent: flags.loss,
      detectionDelayMs: flags.delay,
      ...overlay,
      holdMs,
      boxError: boxErrors(frames, truths),
      loads: loads.length,
      firstPictureMs: percentiles(loads),
    };
    say(JSON.stringify(report, null, 1));
    if (flags.json) writeFileSync(flags.json, `${JSON.stringify(report, null, 1)}\n`);
    if (overlay.overlayExactPct !== 100)
      throw new LanecastError(
        'overlay-inexact',
        `Comparing ${overlay.provenFrames} frames: ${overlay.wrongFrames} bore boxes of another frame (none is proof of nothing).`,
      );
  } finally {
    await (holds as Sampler | null)?.stop();
    await browser.close();
    await server?.close();
    await source?.close();
  }
});
