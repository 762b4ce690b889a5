/** What is kept: something that must be freed. */
export interface Freeable {
  free(): void;
}

/**
 * Decoded frames that wait for their tracks, so that pictures are drawn on the very frame that was detected. Holds
 * references, not copies. At most `capacity` wait (two in the detector's slots and those in flight); the oldest gives
 * way. Besides them the newest frame whose tracks are known is kept, for snapshots.
 */
export class RetainedFrames<F extends Freeable, M> {
  #capacity: number;
  readonly #waiting: { ptsUs: number; frame: F }[] = [];
  #current: { frame: F; message: M } | null = null;

  constructor(capacity = 5) {
    this.#capacity = capacity;
  }

  /** More are kept where tracks take longer to come. */
  set capacity(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#waiting.length + (this.#current ? 1 : 0);
  }

  /** The newest frame with its tracks. */
  get current(): { frame: F; message: M } | null {
    return this.#current;
  }

  /** Takes ownership of `frame`. */
  add(ptsUs: number, frame: F): void {
    this.#waiting.push({ ptsUs, frame });
    while (this.#waiting.length > this.#capacity) this.#waiting.shift()!.frame.free();
  }

  /** The detector will never see this frame: a newer one took its slot. */
  discard(ptsUs: number): void {
    const at = this.#waiting.findIndex((entry) => entry.ptsUs === ptsUs);
    if (at >= 0) this.#waiting.splice(at, 1)[0]!.frame.free();
  }

  /** The tracks of one frame are known: it becomes `current`, older ones are freed. Null if it is not here any more. */
  settle(ptsUs: number, message: M): F | null {
    const at = this.#waiting.findIndex((entry) => entry.ptsUs === ptsUs);
    if (at < 0) return null;
    const [found, ...older] = this.#waiting.splice(0, at + 1).reverse();
    for (const entry of older) entry.frame.free();
    this.#current?.frame.free();
    this.#current = { frame: found!.frame, message };
    return found!.frame;
  }

  /** Frees everything; may be called twice. */
  clear(): void {
    for (const entry of this.#waiting.splice(0)) entry.frame.free();
    this.#current?.frame.free();
    this.#current = null;
  }
}
