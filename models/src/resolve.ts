import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { describeModel, readModelFile, type PipelineModel } from './describe.js';
import { ModelError } from './errors.js';
import type { Head, Precision } from './metadata.js';
import { prepareModel } from './prepare-model.js';
import type { ClassMapping } from './yolo/class-map.js';

export interface ResolveOptions {
  /** Size, precision and head to prepare a stock export with; a pipeline model keeps its own. */
  height: number;
  width: number;
  precision: Precision;
  head?: Head;
  classes?: ClassMapping;
  /** Where prepared models are kept. Default: `lanecast` in `$XDG_CACHE_HOME`, else in `~/.cache`. */
  cacheDir?: string;
  /** Where a bare name is looked for, as `NAME.onnx`. Default: the working directory and its `models`. */
  searchDirs?: readonly string[];
}

export interface ResolvedModel {
  path: string;
  description: PipelineModel;
  /** True if the file was written by this call. */
  prepared: boolean;
}

/** Raise it when `prepareModel` writes something else for the same input: cached files are made anew then. */
const PREPARATION = 4;

export function defaultCacheDir(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'lanecast', 'models');
}

/** The file that a path or a bare name means; a ModelError `model-missing` (lists where it looked) if there is none. */
export function findModelFile(nameOrPath: string, searchDirs: readonly string[]): string {
  const isName = /^[\w-]+(\.[\w-]+)*$/.test(nameOrPath) && !nameOrPath.endsWith('.onnx');
  const candidates = [nameOrPath, ...(isName ? searchDirs.map((folder) => join(folder, `${nameOrPath}.onnx`)) : [])];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (!found)
    throw new ModelError('model-missing', `there is no model ${nameOrPath} (looked for ${candidates.join(', ')})`);
  return found;
}

/** The file of another process that got there first is as good as ours: a rename replaces it in one step. */
function writeAtomically(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    writeFileSync(temporary, bytes);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Finds a model and makes sure that it is a pipeline model: one that is already is used as it is; a stock export is
 * prepared once and kept in the cache, under its content and the options, so that neither a new export nor another
 * size meets an old file.
 *
 * Throws a ModelError: `model-missing` (lists where it looked), and those of `describeModel` and `prepareModel`.
 */
export function resolveModel(nameOrPath: string, options: ResolveOptions): ResolvedModel {
  const path = findModelFile(nameOrPath, options.searchDirs ?? ['.', 'models']);
  const description = describeModel(path);
  if (description.kind === 'pipeline') return { path, description, prepared: false };

  const { height, width, precision, head = 'nv12', classes } = options;
  const bytes = readModelFile(path);
  const wanted = JSON.stringify([PREPARATION, height, width, precision, head, classes ?? null]);
  const key = createHash('sha256').update(bytes).update(wanted).digest('hex').slice(0, 16);
  const source = basename(path, '.onnx');
  const cacheDir = options.cacheDir ?? defaultCacheDir();
  const cached = join(cacheDir, `${source}-${head}-${precision}-${width}x${height}-${key}.onnx`);
  const prepared = !existsSync(cached);
  if (prepared) {
    const model = prepareModel(bytes, { height, width, precision, head, source, ...(classes && { classes }) });
    mkdirSync(cacheDir, { recursive: true });
    writeAtomically(cached, model);
  }
  const result = describeModel(cached);
  if (result.kind !== 'pipeline')
    throw new ModelError('model-metadata', `${cached} is not what was written there: delete it`);
  return { path: cached, description: result, prepared };
}
