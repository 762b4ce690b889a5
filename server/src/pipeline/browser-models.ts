import type { FileHandle } from 'node:fs/promises';
import { open, rm } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { LanecastError } from '../core/errors.js';
import type { ModelEntry } from '../core/model-entry.js';
import { workerUrl } from '../ops/worker-url.js';
import type { BrowserModelsAnswer } from './browser-models-worker.js';
import type { BrowserModelsOptions, PreparedModel } from './prepare-browser-models.js';

/** Far more than it takes: a thread that hangs must not be waited for for ever. */
const PREPARE_TIMEOUT_MS = 10 * 60_000;

/** What the HTTP server asks for. */
export interface ModelCatalogue {
  /** Rejects with a LanecastError `models-unavailable`. */
  list(): Promise<ModelEntry[]>;
  /**
   * The file of one model, open for reading; the caller closes it. null: there is no such model. Rejects with
   * `models-unavailable`.
   */
  open(sha256: string): Promise<{ file: FileHandle; entry: ModelEntry } | null>;
}

/**
 * The models that browsers may run: the server's own weights, prepared at the first need in a thread that ends with it.
 * What was prepared stays listed; after a failure the next call tries again.
 */
export class BrowserModels implements ModelCatalogue {
  readonly #options: BrowserModelsOptions | null;
  #prepared: Promise<PreparedModel[]> | null = null;

  /** null: no model is installed. */
  constructor(options: BrowserModelsOptions | null) {
    this.#options = options;
  }

  async list(): Promise<ModelEntry[]> {
    return (await this.#models()).map(entryOf);
  }

  async open(sha256: string): Promise<{ file: FileHandle; entry: ModelEntry } | null> {
    const entry = (await this.#models()).find((model) => model.sha256 === sha256);
    if (!entry) return null;
    const file = await open(entry.path).catch(() => null);
    // Somebody emptied or damaged the cache: the address promises what it had.
    if (!file || (await file.stat()).size !== entry.bytes) {
      await file?.close();
      await rm(entry.path, { force: true });
      this.#prepared = null;
      throw new LanecastError('models-unavailable', `The prepared model ${entry.path} is gone: ask again`);
    }
    return { file, entry };
  }

  #models(): Promise<PreparedModel[]> {
    if (this.#prepared) return this.#prepared;
    const preparing = this.#prepare();
    this.#prepared = preparing;
    preparing.catch(() => {
      if (this.#prepared === preparing) this.#prepared = null;
    });
    return preparing;
  }

  #prepare(): Promise<PreparedModel[]> {
    if (!this.#options)
      return Promise.reject(
        new LanecastError('models-unavailable', 'No detector model is installed: name one with --model FILE'),
      );
    const worker = new Worker(workerUrl(import.meta.url, './browser-models-worker.js'), { workerData: this.#options });
    return new Promise<PreparedModel[]>((resolve, reject) => {
      const timer = setTimeout(() => {
        fail(`that took more than ${PREPARE_TIMEOUT_MS / 60_000} minutes`);
        void worker.terminate();
      }, PREPARE_TIMEOUT_MS);
      const fail = (reason: string): void =>
        reject(new LanecastError('models-unavailable', `The models for browsers cannot be prepared: ${reason}`));
      worker.once('message', (answer: BrowserModelsAnswer) =>
        'models' in answer ? resolve(answer.models) : fail(answer.error.message),
      );
      worker.once('error', (error) => fail(error.message));
      worker.once('exit', () => {
        clearTimeout(timer);
        fail('the thread ended');
      });
    });
  }
}

/** What others may know of it: not where it lies on this machine. */
function entryOf(model: PreparedModel): ModelEntry {
  const entry: ModelEntry & { path?: string } = { ...model };
  delete entry.path;
  return entry;
}
