/** YOLO-format picture sets: a list of pictures, and beside `images/` a folder `labels/` (and perhaps `occlusion/`). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LanecastError, messageOf } from '@lanecast/server/core/errors';

/** One labelled box; a share of the picture. */
export interface Label {
  classIndex: number;
  centreX: number;
  centreY: number;
  width: number;
  height: number;
  /** Hidden share, 0..1; null where the set does not say. */
  occlusion: number | null;
}

export interface LabelledPicture {
  name: string;
  path: string;
  labels: readonly Label[];
}

const lines = (text: string): string[] => text.split(/\r?\n/).filter((line) => line.trim() !== '');

function fail(message: string): never {
  throw new LanecastError('picture-set', message);
}

function read(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return fail(`cannot read ${what} ${path}: ${messageOf(error)}`);
  }
}

/**
 * Parses `class centre-x centre-y width height [occlusion]` lines, sizes as shares of the picture. `occlusion` may also
 * come as a text of its own, one number per label. Throws a LanecastError `picture-set` with the line number.
 */
export function parseLabels(text: string, name: string, occlusion?: string): Label[] {
  const hidden = occlusion === undefined ? null : lines(occlusion).map(Number);
  const rows = lines(text);
  if (hidden && hidden.length !== rows.length)
    fail(`${name} has ${rows.length} labels, but ${hidden.length} occlusions`);
  return rows.map((line, i) => {
    const values = line.trim().split(/\s+/).map(Number);
    const [classIndex, centreX, centreY, width, height, inRow = null] = values;
    if (values.length < 5 || values.length > 6 || !values.every(Number.isFinite) || !Number.isInteger(classIndex))
      fail(`${name}, line ${i + 1}: expected "class cx cy w h [occlusion]", found "${line.slice(0, 60)}"`);
    return {
      classIndex: classIndex!,
      centreX: centreX!,
      centreY: centreY!,
      width: width!,
      height: height!,
      occlusion: hidden ? hidden[i]! : inRow,
    };
  });
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    return fail(`cannot read ${path}: ${messageOf(error)}`);
  }
}

/**
 * The pictures that `split` (a file in `folder`) names, one path per line, relative to `folder`. A picture without a
 * label file has nothing in it. Throws a LanecastError `picture-set`.
 */
export function readPictureSet(folder: string, split: string): LabelledPicture[] {
  const names = lines(read(join(folder, split), 'the split')).map((line) => line.trim());
  if (names.length === 0) fail(`${join(folder, split)} names no pictures`);
  return names.map((name) => {
    const beside = (kind: string) => join(folder, name.replace(/^images\//, `${kind}/`).replace(/\.\w+$/, '.txt'));
    const occlusion = readIfThere(beside('occlusion'));
    const labels = parseLabels(readIfThere(beside('labels')) ?? '', beside('labels'), occlusion);
    return { name, path: join(folder, name), labels };
  });
}
