/** `npm run world`: renders the simulated scenes as looping clips with their truth, or as labelled stills. */
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { LanecastError } from '@lanecast/server/core/errors';
import { runCommand, wholeNumber } from './command-line.js';
import { runWorldJobs, type WorldJob } from './world/jobs.js';
import { SCENES, sceneNamed } from './world/scenes/scenes.js';

interface Options {
  scene?: string;
  seed?: number;
  minutes?: number;
  size: [number, number];
  out?: string;
  stills?: number;
  crf: number;
  jobs: number;
}

/** `scripts/dist/` -> `scripts/world`. */
const WORLD_DIRECTORY = fileURLToPath(new URL('../world', import.meta.url));
/** Of stills, if none is given: no shipped clip has it. */
const STILLS_SEED = 1001;

function size(text: string): [number, number] {
  const match = /^(\d+)x(\d+)$/.exec(text);
  const [width, height] = [Number(match?.[1]), Number(match?.[2])];
  if (width >= 320 && height >= 180 && width <= 3840 && height <= 2160 && width % 2 === 0 && height % 2 === 0)
    return [width, height];
  throw new InvalidArgumentError('It must be WIDTHxHEIGHT, both even, from 320x180 to 3840x2160.');
}

function minutes(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 20) return value;
  throw new InvalidArgumentError(
    'It must be a number of minutes, more than 0 and at most 20 (the frame counter ends there).',
  );
}

const program = new Command('world')
  .description('Renders the simulated scenes: looping clips and their truth (default), long clips, or labelled stills.')
  .option('--scene <name>', 'only this one, e.g. motorway')
  .option(
    '--seed <n>',
    'other traffic and surroundings; default: those of the shipped clips',
    wholeNumber(0, 2 ** 31 - 1),
  )
  .option('--minutes <m>', 'so long, without a loop', minutes)
  .option('--size <WxH>', 'picture size', size, [640, 360])
  .option('--out <dir>', 'where to; default: scripts/world')
  .option(
    '--stills <n>',
    'so many labelled JPEGs with random cameras, weather and traffic (needs --out)',
    wholeNumber(1, 1e6),
  )
  .option('--crf <n>', 'quality of the clips, larger is smaller', wholeNumber(0, 51), 24)
  .option('--jobs <n>', 'scenes at once', wholeNumber(1, 64), availableParallelism())
  .allowExcessArguments(false);

function jobsFor(options: Options): WorldJob[] {
  const scenes = options.scene === undefined ? SCENES : [sceneNamed(options.scene)];
  const [widthPx, heightPx] = options.size;
  if (options.stills === undefined) {
    const out = resolve(options.out ?? WORLD_DIRECTORY);
    return scenes.map((scene) => ({
      kind: 'clip',
      scene: scene.name,
      seed: options.seed ?? scene.seed,
      widthPx,
      heightPx,
      ...(options.minutes !== undefined && { minutes: options.minutes }),
      crf: options.crf,
      clipsDir: join(out, 'clips'),
      truthDir: join(out, 'truth'),
    }));
  }
  if (options.out === undefined)
    throw new LanecastError('world-out', 'Rendering stills: name a directory for them with --out.');
  const outDir = resolve(options.out);
  const each = options.stills / scenes.length;
  return scenes.map((scene, k) => ({
    kind: 'stills',
    scene: scene.name,
    seed: options.seed ?? STILLS_SEED,
    from: 0,
    to: Math.round(each * (k + 1)) - Math.round(each * k),
    outDir,
    widthPx,
    heightPx,
  }));
}

await runCommand(async () => {
  const options = program.parse().opts<Options>();
  await runWorldJobs(jobsFor(options), options.jobs, (job, { pictures, milliseconds }) => {
    const each = (milliseconds / pictures).toFixed(0);
    process.stdout.write(`${job.scene}: ${pictures} pictures, ${each} ms each\n`);
  });
});
