import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../core/errors.js';
import type { BrowserModelsOptions, PreparedModel } from './prepare-browser-models.js';
import { prepareBrowserModels } from './prepare-browser-models.js';

/** What the thread answers with, once. */
export type BrowserModelsAnswer = { models: PreparedModel[] } | { error: { code: string; message: string } };

function answer(): BrowserModelsAnswer {
  try {
    return { models: prepareBrowserModels(workerData as BrowserModelsOptions) };
  } catch (error) {
    const { code } = error as { code?: unknown };
    return { error: { code: typeof code === 'string' ? code : 'models-unavailable', message: messageOf(error) } };
  }
}

parentPort?.postMessage(answer());
