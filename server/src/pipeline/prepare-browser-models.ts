import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describeModel, type PipelineModel } from '@lanecast/models/describe';
import { prepareModel } from '@lanecast/models/prepare-model';
import { findModelFile, resolveModel } from '@lanecast/models/resolve';
import { LanecastError } from '../core/errors.js';
import type { ModelEntry } from '../core/model-entry.js';
import { browserSizes, type ModelSize } from './browser-sizes.js';

/** What the server's detector was told to run; `model` is a file or a name. */
export interface BrowserModelsOptions extends ModelSize {
  model: string;
  searchDirs: readonly string[];
  /** Where prepared models are kept; absent: the cache directory of `resolveModel`. */
  cacheDir?: string;
}

/** An entry of the catalogue with its file on this machine. */
export type PreparedModel = ModelEntry & { path: string };

/**
 * Prepares the weights of the server's detector with the `rgb` head, at each size that browsers are offered, in fp32 and
 * fp16. Takes a second for what is not in the cache yet, so it runs in a worker thread.
 *
 * Throws a LanecastError `models-unavailable` where the weights cannot be had with another head, and the ModelErrors of
 * `resolveModel`.
 */
export function prepareBrowserModels(options: BrowserModelsOptions): PreparedModel[] {
  const { path, size } = findWeights(options);
  return browserSizes(size).flatMap(({ width, height }, rank) =>
    (['fp32', 'fp16'] as const).map((precision): PreparedModel => {
      const { cacheDir } = options;
      const prepared = resolveModel(path, { width, height, precision, head: 'rgb', ...(cacheDir && { cacheDir }) });
      const bytes = readFileSync(prepared.path);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const { source, classes, confidentScore } = prepared.description;
      return {
        name: source,
        url: `/models/${sha256}.onnx`,
        sha256,
        bytes: bytes.length,
        width,
        height,
        precision,
        head: 'rgb',
        classes,
        confidentScore,
        isDefault: rank === 0 && precision === 'fp32',
        path: prepared.path,
      };
    }),
  );
}

/** The export that the server's detector was made from, and the size that the detector has. */
function findWeights({ model, searchDirs, width, height }: BrowserModelsOptions): { path: string; size: ModelSize } {
  const path = findModelFile(model, searchDirs);
  const description = describeModel(path);
  if (description.kind === 'stock') return { path, size: { width, height } };
  const source = join(dirname(path), 'source', basename(path));
  if (!existsSync(source) || !isMadeFrom(path, description, source))
    throw new LanecastError(
      'models-unavailable',
      `${basename(path)} is prepared for the server only, and the export that it was made from is not at ${source}: start the server with the export itself (--model) to let browsers detect, too`,
    );
  return { path: source, size: { width: description.width, height: description.height } };
}

/** Browsers must run the very weights of the server: what the tool makes of the export has to be the server's file. */
function isMadeFrom(path: string, { head, precision, width, height, source }: PipelineModel, stock: string): boolean {
  const made = prepareModel(readFileSync(stock), { head, precision, width, height, source });
  return Buffer.compare(made, readFileSync(path)) === 0;
}
