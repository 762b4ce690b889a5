import type { ModelSession } from './model-session.js';

type Runs = Pick<ModelSession, 'input' | 'output' | 'pictureBytes' | 'run'>;

/** A session whose next inferences fail as a test wishes (`--debug-faults`); otherwise as it is. */
export class FaultySession implements Runs {
  readonly #session: Runs;
  #left = 0;
  #message = '';

  constructor(session: Runs) {
    this.#session = session;
  }

  /** The next `times` inferences fail with this message. */
  fail(times: number, message: string): void {
    this.#left = times;
    this.#message = message;
  }

  get input(): Uint8Array {
    return this.#session.input;
  }

  get output(): Float32Array {
    return this.#session.output;
  }

  get pictureBytes(): number {
    return this.#session.pictureBytes;
  }

  run(batch: number): Promise<void> {
    if (this.#left === 0) return this.#session.run(batch);
    this.#left--;
    return Promise.reject(new Error(this.#message));
  }
}
