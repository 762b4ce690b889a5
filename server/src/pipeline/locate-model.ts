import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ModelError } from '@lanecast/models/errors';
import { resolveModel } from '@lanecast/models/resolve';
import type { Config } from '../config/schema.js';
import { LanecastError } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { cudaMissingReason } from '../detect/execution-provider.js';
import type { BrowserModelsOptions } from './prepare-browser-models.js';

/** Of the installation, where models lie: shipped ones first, then those that were fetched. */
const MODEL_DIRECTORIES = ['../../../models', '../../../models/cache'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** The model that is used when none is named; null if there is none. */
export function findDefaultModel(directories: readonly string[] = MODEL_DIRECTORIES): string | null {
  for (const directory of directories) {
    if (!existsSync(directory)) continue;
    const [first] = readdirSync(directory)
      .filter((name) => name.endsWith('.onnx'))
      .sort();
    if (first) return join(directory, first);
  }
  return null;
}

/**
 * Finds the model that was asked for, else the installed one, and prepares it if it is a stock export. Throws a
 * LanecastError: `model-missing` where there is none at all, and the codes of `resolveModel`.
 */
export function locateModel(
  config: Pick<Config['detector'], 'model' | 'width' | 'height' | 'precision' | 'executionProvider'>,
  log: Log,
): string {
  const wanted = config.model ?? findDefaultModel();
  if (wanted === null) {
    throw new LanecastError(
      'model-missing',
      'no detector model is installed: name one with --model FILE (a pipeline model or a stock YOLOv8/YOLO11 ONNX export), or switch detection off with --detector none',
    );
  }
  const { width, height } = config;
  // Half precision pays on a GPU only: the CPU provider would convert every weight back.
  const onGpu =
    config.executionProvider === 'cuda' || (config.executionProvider === 'auto' && cudaMissingReason() === null);
  const precision = config.precision === 'auto' ? (onGpu ? 'fp16' : 'fp32') : config.precision;
  try {
    const searchDirs = ['.', ...MODEL_DIRECTORIES];
    const { path, description, prepared } = resolveModel(wanted, { width, height, precision, searchDirs });
    if (prepared) log.info({}, `prepared ${wanted} for ${width}x${height} ${precision}: ${path}`);
    const { width: w, height: h } = description;
    if (w !== width || h !== height) log.info({}, `${wanted} takes ${w}x${h}`);
    return path;
  } catch (error) {
    if (error instanceof ModelError) throw new LanecastError(error.code, error.message, { cause: error });
    throw error;
  }
}

/** What to prepare for browsers: the weights of the detector, whether it runs here or not; null if there is no model. */
export function browserModelsOf(
  config: Pick<Config['detector'], 'model' | 'width' | 'height'>,
): BrowserModelsOptions | null {
  const model = config.model ?? findDefaultModel();
  const { width, height } = config;
  return model === null ? null : { model, width, height, searchDirs: ['.', ...MODEL_DIRECTORIES] };
}
