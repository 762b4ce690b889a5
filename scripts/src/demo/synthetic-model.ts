import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultCacheDir } from '@lanecast/models/resolve';
import { buildFixtureModel } from '@lanecast/models/fixture';

/** Cars and lorries of the synthetic clips, in the pixels of a 320x192 input (half of 640x360). */
const CLASSES = [
  { name: 'car', width: 32, height: 18 },
  { name: 'truck', width: 54, height: 24 },
];

/** Part of the file's name: raise it when what is written changes. */
const VERSION = 1;

/** A detector of the synthetic clips' rectangles, for the demo where there is neither a real clip nor a real model. */
export function syntheticModel(cacheDir = defaultCacheDir()): string {
  const path = join(cacheDir, `synthetic-boxes-v${VERSION}.onnx`);
  if (existsSync(path)) return path;
  mkdirSync(cacheDir, { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, buildFixtureModel({ width: 320, height: 192, classes: CLASSES, brightLuma: 150 }));
  renameSync(temporary, path);
  return path;
}
