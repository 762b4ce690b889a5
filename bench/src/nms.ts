/** `npm run bench:nms`: suppression on every backend beside NumPy and torchvision; or one case from raw files. */
import { writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { nmsInfo, type NmsBackend } from '@lanecast/native';
import { runCommand, wholeNumber } from '@lanecast/scripts/command-line';
import { LanecastError, messageOf } from '@lanecast/server/core/errors';
import { describeMachine } from './machine.js';
import { type Baselines, runBaselines } from './nms/baselines.js';
import { type BenchCase, IOU_THRESHOLD, makeCases, measureOwn, SIZES } from './nms/cases.js';
import { plotReport } from './nms/plot.js';
import { runRawCase, writeRawCase } from './nms/raw-case.js';
import { cells, HEADER, makeRow, type NmsReport } from './nms/report.js';
import { formatTable } from './table.js';

interface Flags {
  sizes: number[];
  baselines: boolean;
  python: string;
  json?: string;
  plot?: string;
  boxes?: string;
  scores?: string;
  iou: number;
  score?: number;
  backend: NmsBackend | 'auto';
  runs: number;
  out?: string;
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('It must be a number from 0 to 1.');
}

function sizeList(text: string): number[] {
  return text.split(',').map(wholeNumber(1, 10_000_000));
}

const flags = new Command('bench:nms')
  .description('Times non-maximum suppression on every backend that is here; with --boxes, one case from raw files.')
  .option('--sizes <list>', 'numbers of boxes', sizeList, SIZES)
  .option('--no-baselines', 'without NumPy and torchvision')
  .option('--python <program>', 'the Python that has them', 'python3')
  .option('--json <file>', 'write everything')
  .option('--plot <file.svg>', 'draw time against the number of boxes')
  .option('--boxes <file>', 'float32, little-endian: x1, y1, x2, y2 of each box')
  .option('--scores <file>', 'float32, little-endian: a score for each box')
  .option('--iou <t>', 'of --boxes: a box is suppressed above it', share, IOU_THRESHOLD)
  .option('--score <t>', 'of --boxes: boxes below it are left out', Number)
  .addOption(new Option('--backend <b>', 'of --boxes').choices(['auto', 'cpu', 'cuda', 'typescript']).default('auto'))
  .option('--runs <n>', 'of --boxes: how often it is timed', wholeNumber(1, 100_000), 100)
  .option('--out <file>', 'of --boxes: write the kept indices and the times as JSON')
  .allowExcessArguments(false)
  .parse()
  .opts<Flags>();

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function runFiles(boxesPath: string, scoresPath: string): void {
  const { iou, score, backend, runs, out } = flags;
  const result = runRawCase({
    boxesPath,
    scoresPath,
    iouThreshold: iou,
    ...(score !== undefined && { scoreThreshold: score }),
    backend,
    runs,
  });
  const { p50Ms, p99Ms } = result.endToEnd;
  say(
    `${result.boxes} boxes, ${result.kept.length} kept, on ${result.backend}: p50 ${p50Ms.toFixed(3)} ms, p99 ${p99Ms.toFixed(3)} ms`,
  );
  if (out !== undefined) {
    writeRawCase(out, result);
    say(`wrote ${out}`);
  }
}

async function baselinesOf(cases: readonly BenchCase[]): Promise<Baselines | null> {
  if (!flags.baselines) return null;
  try {
    return await runBaselines(cases, flags.python);
  } catch (error) {
    say(`no baselines: ${messageOf(error)}`);
    return null;
  }
}

async function runTable(): Promise<void> {
  const machine = describeMachine();
  const { device, cudaMissingReason } = nmsInfo();
  say(`machine: ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; ${device?.name ?? cudaMissingReason}`);
  const cases = makeCases(flags.sizes);
  const own = cases.map((each) => {
    const result = measureOwn(each);
    say(`  ${each.id}: ${result.kept} kept`);
    return result;
  });
  const baselines = await baselinesOf(cases);
  const rows = cases.map((each, i) => makeRow(each, own[i]!, baselines));
  say(`\nmilliseconds, medians (ours / 99th percentile), IoU ${IOU_THRESHOLD}\n`);
  say(formatTable(HEADER, rows.map(cells)));
  const report: NmsReport = {
    bench: 'nms',
    date: new Date().toISOString(),
    machine,
    gpu: device,
    software: baselines?.software ?? {},
    iouThreshold: IOU_THRESHOLD,
    rows,
  };
  if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(report, null, 1)}\n`);
  if (flags.plot !== undefined) writeFileSync(flags.plot, plotReport(report));
}

await runCommand(async () => {
  const { boxes, scores } = flags;
  if ((boxes === undefined) !== (scores === undefined))
    throw new LanecastError('bad-flags', '--boxes and --scores go together: name both files');
  if (boxes !== undefined && scores !== undefined) runFiles(boxes, scores);
  else await runTable();
});
