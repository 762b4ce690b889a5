/** `npm run bench:quality`: how well detectors find vehicles in labelled pictures, as the server runs them. */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { Command } from 'commander';
import { runCommand, wholeNumber } from '@lanecast/scripts/command-line';
import { quietLibraries } from '@lanecast/scripts/quiet-libraries';
import { describeMachine } from './machine.js';
import { summarise, type Picture } from './quality/average-precision.js';
import { DeployedModel } from './quality/deployed-model.js';
import { runModel, scorePictures, type Rules } from './quality/evaluate.js';
import { JpegReader } from './quality/jpeg-reader.js';
import { readPictureSet, type LabelledPicture } from './quality/picture-set.js';
import { formatResults, type ModelResult } from './quality/report.js';
import { measureSpeed } from './quality/speed.js';

interface Flags {
  set: string;
  split: string;
  model: string;
  compare: string[];
  width: number;
  height: number;
  minSide: number;
  threads: number;
  speed: number;
  json?: string;
}

/** Scores from here on; below it lies nothing that average precision would see on these sets. */
const SCORE_THRESHOLD = 0.001;
/** The server's default. */
const IOU_THRESHOLD = 0.45;
const RULES = { maxOcclusion: 0.7, maxDetections: 300 };

const size = wholeNumber(32, 4096);
const command = new Command('bench:quality')
  .description('COCO average precision on YOLO-format pictures, through the letterbox, graph and NMS of the server.')
  .requiredOption('--set <dir>', 'folder with images/ and labels/ (class cx cy w h; car, motorcycle, bus, truck)')
  .option('--split <file>', 'list of pictures in that folder', 'val.txt')
  .requiredOption('--model <name|file>', 'pipeline model, or a stock export that is prepared')
  .option('--compare <file...>', 'further models, on the same pictures', [])
  .option('--width <px>', 'input width of models that are prepared', size, 640)
  .option('--height <px>', 'input height of models that are prepared', size, 384)
  .option('--min-side <px>', 'boxes of less width or height are ignored', wholeNumber(0, 1000), 12)
  .option('--threads <n>', 'of one inference', wholeNumber(1, 256), availableParallelism())
  .option('--speed <runs>', 'inferences that are timed, models in turns', wholeNumber(1, 100_000), 60)
  .option('--json <file>', 'write everything')
  .allowExcessArguments(false);

const say = (line: string): void => void process.stdout.write(`${line}\n`);

await runCommand(async () => {
  quietLibraries();
  const flags = command.parse().opts<Flags>();
  const rules: Rules = { ...RULES, minSidePx: flags.minSide };
  const machine = describeMachine();
  const pictures = readPictureSet(flags.set, flags.split);
  say(`${pictures.length} pictures of ${flags.split}; boxes under ${flags.minSide} px or over 70 % hidden are ignored`);
  const reader = new JpegReader();
  const models: DeployedModel[] = [];
  try {
    for (const model of [flags.model, ...flags.compare]) models.push(await open(model, flags));
    const found: Picture[][] = [];
    for (const model of models) found.push(await runModel(model, pictures, reader, rules));
    const speeds = await measureSpeed(models, flags.speed);
    const results = models.map(({ description: { source, license, width, height } }, i): ModelResult => {
      const parts = byPart(pictures, found[i]!, rules);
      return { model: source, license, width, height, speed: speeds[i]!, ...scorePictures(found[i]!, rules), parts };
    });
    say(`\n${formatResults(results)}`);
    if (flags.json) {
      const options = { ...flags, set: basename(flags.set) };
      const report = { bench: 'quality', date: new Date().toISOString(), machine, options, rules, results };
      writeFileSync(flags.json, `${JSON.stringify(report, null, 1)}\n`);
      say(`\nwrote ${flags.json}`);
    }
  } finally {
    for (const model of models) await model.close();
    reader.close();
  }
});

function open(model: string, { width, height, threads }: Flags): Promise<DeployedModel> {
  const { maxDetections } = RULES;
  const thresholds = { scoreThreshold: SCORE_THRESHOLD, iouThreshold: IOU_THRESHOLD, maxDetections };
  return DeployedModel.open({ model, width, height, threads, ...thresholds });
}

/** Pictures by the beginning of their names: `atl` of `atl_12_png.jpg`, `02-bend` of `02-bend-7001-000012.jpg`. */
function byPart(pictures: readonly LabelledPicture[], found: readonly Picture[], rules: Rules) {
  const parts = new Map<string, Picture[]>();
  pictures.forEach(({ name }, i) => {
    const part = /^[^_.]+?(?=(-\d+)*[_.])/.exec(basename(name))?.[0] ?? name;
    parts.set(part, [...(parts.get(part) ?? []), found[i]!]);
  });
  return Object.fromEntries([...parts].map(([part, own]) => [part, summarise(own, rules)]));
}
