import { readFileSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { LanecastError, messageOf } from '@lanecast/server/core/errors';
import { describeMachine } from './machine.js';
import { parseDetections } from './tracker/detections-csv.js';
import { atLeastOneFlag, numberFlag, shareFlag } from './tracker/flags.js';
import { replay } from './tracker/replay.js';
import { formatTimings, timeTracker } from './tracker/timing.js';

interface Flags {
  detections?: string;
  out?: string;
  json?: string;
  trackThresh: number;
  matchThresh: number;
  trackBuffer: number;
  frameRate: number;
  fuseScore: boolean;
  seed: number;
}

/** Objects in the scene, and frames that are timed. */
const SCENES: readonly (readonly [objects: number, frames: number])[] = [
  [10, 5000],
  [50, 3000],
  [200, 1500],
];

function access<T>(verb: string, path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw new LanecastError('file-access', `cannot ${verb} ${path}: ${messageOf(cause)}`, { cause });
  }
}

function track(path: string, flags: Flags): void {
  const text = access('read', path, () => readFileSync(path, 'utf8'));
  const result = replay(parseDetections(text, path), {
    trackThreshold: flags.trackThresh,
    matchThreshold: flags.matchThresh,
    trackBuffer: flags.trackBuffer,
    frameRate: flags.frameRate,
    fuseScore: flags.fuseScore,
  });
  const csv = result.rows.map((row) => `${row}\n`).join('');
  const { out } = flags;
  if (out === undefined) {
    process.stdout.write(csv);
  } else {
    access('write', out, () => writeFileSync(out, csv));
    console.log(`${result.frames} frames, ${result.tracks} tracks, ${result.rows.length} rows: ${out}`);
  }
  if (result.detectionsDropped > 0) console.error(`warning: ${result.detectionsDropped} empty or absurd boxes ignored`);
}

function measure(flags: Flags): void {
  const machine = describeMachine();
  const timings = SCENES.map(([objects, frames]) => timeTracker(objects, frames, flags.seed, () => performance.now()));
  console.log(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; one core used\n`);
  console.log(formatTimings(timings));
  const { json } = flags;
  if (json === undefined) return;
  const report = { bench: 'tracker', at: new Date().toISOString(), machine, seed: flags.seed, results: timings };
  access('write', json, () => writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`));
}

const program = new Command('bench:tracker')
  .description('Times the tracker on simulated scenes; with --detections, tracks a detection file instead.')
  .option('--detections <file>', 'CSV with frame,x,y,w,h,score (frames from 1)')
  .option('--out <file>', 'tracks as frame,id,x1,y1,x2,y2,score (default: standard output)')
  .option('--track-thresh <score>', 'score that separates the first from the second association', shareFlag, 0.5)
  .option('--match-thresh <cost>', 'highest cost of the first association', shareFlag, 0.8)
  .option('--track-buffer <n>', 'how long a lost track is kept, in thirtieths of a second', atLeastOneFlag, 30)
  .option('--frame-rate <fps>', 'of the detection file', numberFlag, 30)
  .option('--no-fuse-score', 'associate by IoU alone')
  .option('--json <file>', 'write the timings there')
  .option('--seed <n>', 'of the simulated scenes', numberFlag, 1)
  .allowExcessArguments(false)
  .showSuggestionAfterError(false)
  .action((flags: Flags) => {
    if (flags.detections === undefined) measure(flags);
    else track(flags.detections, flags);
  });

try {
  program.parse();
} catch (error) {
  if (!(error instanceof LanecastError)) throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}
