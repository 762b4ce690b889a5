const BEATS = 0;
const PATIENCE = 1;

/**
 * A worker thread's sign of life in shared memory. The main thread reads it without a message, so that a busy main
 * thread never takes its own delay for the worker's.
 */
export class Pulse {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  /** Worker: work was done, or there was none to do. */
  beat(): void {
    Atomics.add(this.#words, BEATS, 1);
  }

  /** Worker: what comes now may take long, for a reason that is no fault (a GPU that starts, a model that loads). */
  set patient(patient: boolean) {
    Atomics.store(this.#words, PATIENCE, patient ? 1 : 0);
  }

  get patient(): boolean {
    return Atomics.load(this.#words, PATIENCE) === 1;
  }

  /** Changes with every beat (and wraps after 2^32 of them). */
  get beats(): number {
    return Atomics.load(this.#words, BEATS);
  }
}

/** One stage of the pipeline, as the liveness policy looks at it. */
export interface StageSign {
  /** For instance `detector`, `ingest worker 0`. */
  name: string;
  /** Another number, another stage that bears the same name: what the one before did says nothing about it. */
  life?: number;
  /** What has come in, in all; null: the stage must show signs of life whatever comes in. */
  input: number | null;
  /** What has gone out, or beats: any change is progress. */
  output: number;
  /** It may take long at the moment, and that is no fault. */
  patient: boolean;
}
