/** `npm run bench:decode`: one clip in software and on NVDEC: the same pictures? how fast, at what processor time? */
import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { AV_LOG_VERBOSE } from 'node-av/constants';
import { Log } from 'node-av/lib';
import { runCommand } from '@lanecast/scripts/command-line';
import { messageOf } from '@lanecast/server/core/errors';
import { sizeFlag } from '@lanecast/server/config/flags';
import { type NvdecDevice, openNvdecDevice } from '@lanecast/server/ingest/decode/nvdec-device';
import { quietFfmpeg } from '@lanecast/server/ops/quiet-ffmpeg';
import { readUnits } from './clips/clip-units.js';
import { comparePictures, runBackend } from './decode/run-backend.js';
import { describeMachine } from './machine.js';
import { formatTable } from './table.js';

/** So many small pictures are kept of each backend and compared. */
const COMPARED = 50;

interface Flags {
  clip: string;
  size: { width: number; height: number };
  json?: string;
  verbose?: boolean;
}

const command = new Command('bench:decode')
  .description('Decodes and scales a clip in software and on NVDEC, as an ingest worker does, and compares the two.')
  .requiredOption('--clip <file>', 'an H.264 clip')
  .option('--size <WxH>', 'the small picture', sizeFlag, { width: 576, height: 324 })
  .option('--json <file>', 'write everything')
  .option('--verbose', "FFmpeg's own words too: why NVDEC does not take a clip")
  .allowExcessArguments(false);

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function openDevice(): NvdecDevice | null {
  try {
    return openNvdecDevice();
  } catch (error) {
    say(`no NVDEC: ${messageOf(error)}`);
    return null;
  }
}

await runCommand(async () => {
  const { clip, size, json, verbose } = command.parse().opts<Flags>();
  if (verbose) Log.setLevel(AV_LOG_VERBOSE);
  else quietFfmpeg();
  const units = await readUnits(clip);
  const device = openDevice();
  const kept: Uint8Array[][] = [];
  const results = (device ? [null, device] : [null]).map((on) => {
    const pictures: Uint8Array[] = [];
    kept.push(pictures);
    return runBackend(units, on, size, (picture) => {
      if (pictures.length < COMPARED) pictures.push(picture);
    });
  });
  device?.close();
  say(
    formatTable(
      ['backend', 'units', 'pictures', 'at once', 'decode p50', 'p99', 'scale p50', 'p99', 'pictures/s', 'CPU ms each'],
      results.map((r) => [
        r.backend,
        String(r.units),
        String(r.pictures),
        String(r.atOnce),
        ...[r.decode.p50Ms, r.decode.p99Ms, r.scale.p50Ms, r.scale.p99Ms].map((value) => value.toFixed(2)),
        r.picturesPerS.toFixed(0),
        r.cpuMsPerPicture.toFixed(2),
      ]),
    ),
  );
  const difference = kept.length === 2 ? comparePictures(kept[0]!, kept[1]!) : null;
  if (difference) {
    say(
      `\nsoftware against NVDEC, ${difference.pictures} small pictures: values differ by ${difference.mean.toFixed(2)} on average, ${difference.max} at most`,
    );
  }
  if (json) {
    const date = new Date().toISOString();
    writeFileSync(
      json,
      `${JSON.stringify({ bench: 'decode', date, machine: describeMachine(), clip, size, results, difference }, null, 1)}\n`,
    );
  }
});
