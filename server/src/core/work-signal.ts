/**
 * A shared counter that writer threads raise after they published work, and one worker thread sleeps on
 * (`Atomics.wait`): cheaper and quicker than a message per frame. Waiting is for worker threads only.
 */
export class WorkSignal {
  readonly buffer: SharedArrayBuffer;
  readonly #word: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.buffer = buffer;
    this.#word = new Int32Array(buffer);
  }

  /** Read it before looking for work; pass it to `wait` if there was none. */
  get value(): number {
    return Atomics.load(this.#word, 0);
  }

  /** Writer: there is work. */
  raise(): void {
    Atomics.add(this.#word, 0, 1);
    Atomics.notify(this.#word, 0);
  }

  /** Worker: sleep until the signal is no longer `seen`, at most `timeoutMs`. */
  wait(seen: number, timeoutMs: number): void {
    Atomics.wait(this.#word, 0, seen, timeoutMs);
  }
}
