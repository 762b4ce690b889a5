import type { InferenceSession } from 'onnxruntime-node';

/** What one session takes and gives: name to tensor. */
type Feeds = Parameters<InferenceSession['run']>[0];
type Fetches = Extract<Parameters<InferenceSession['run']>[1], Record<string, unknown>>;

export interface SizedSessionsOptions {
  /** Loads the model once more. */
  create: () => Promise<InferenceSession>;
  /** Each batch size has a session of its own. */
  perSize: boolean;
}

/**
 * The ONNX Runtime sessions of one model, by batch size. On the CPU one session serves all sizes. On CUDA each size has
 * its own: a session whose input has another shape than at its last run has cuDNN plan every convolution anew, one to two
 * seconds on an H100 for what then takes four milliseconds, and the plans of earlier shapes are not kept.
 */
export class SizedSessions {
  readonly #options: SizedSessionsOptions;
  readonly #sessions = new Map<number, Promise<InferenceSession>>();

  constructor(options: SizedSessionsOptions) {
    this.#options = options;
  }

  /** The first run of a size loads the model, where sizes have sessions of their own. */
  async run(size: number, feeds: Feeds, fetches: Fetches): Promise<void> {
    const key = this.#options.perSize ? size : 0;
    let opening = this.#sessions.get(key);
    if (!opening) {
      opening = this.#options.create();
      this.#sessions.set(key, opening);
      // The next run tries again.
      opening.catch(() => this.#sessions.delete(key));
    }
    await (await opening).run(feeds, fetches);
  }

  /** Frees the sessions of all other sizes. */
  async keepOnly(sizes: readonly number[]): Promise<void> {
    if (!this.#options.perSize) return;
    await this.#release([...this.#sessions.keys()].filter((size) => !sizes.includes(size)));
  }

  /** Frees all; may be called twice. */
  async close(): Promise<void> {
    await this.#release([...this.#sessions.keys()]);
  }

  async #release(keys: readonly number[]): Promise<void> {
    const opened = keys.map((key) => this.#sessions.get(key)!);
    for (const key of keys) this.#sessions.delete(key);
    for (const opening of opened) {
      const session = await opening.catch(() => null);
      await session?.release();
    }
  }
}
