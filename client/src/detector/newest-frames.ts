/** What waits and must be let go of. */
interface Closable {
  close(): void;
}

/**
 * At most one frame a stream waits: a newer one replaces it (and closes it). Streams take turns, so that a fast camera
 * cannot starve a slow one.
 */
export class NewestFrames<Frame extends Closable> {
  readonly #waiting = new Map<string, Frame>();
  #lastServed = new Map<string, number>();
  #turn = 0;

  /** Takes the frame over; true if it replaced one. */
  put(stream: string, frame: Frame): boolean {
    const old = this.#waiting.get(stream);
    old?.close();
    this.#waiting.set(stream, frame);
    return old !== undefined;
  }

  /** The frame of the stream that was served longest ago; null if none waits. The caller closes it. */
  take(): { stream: string; frame: Frame } | null {
    let chosen: string | null = null;
    let oldest = Infinity;
    for (const stream of this.#waiting.keys()) {
      const served = this.#lastServed.get(stream) ?? -1;
      if (served < oldest) {
        oldest = served;
        chosen = stream;
      }
    }
    if (chosen === null) return null;
    const frame = this.#waiting.get(chosen)!;
    this.#waiting.delete(chosen);
    this.#lastServed.set(chosen, this.#turn++);
    return { stream: chosen, frame };
  }

  remove(stream: string): void {
    this.#waiting.get(stream)?.close();
    this.#waiting.delete(stream);
    this.#lastServed.delete(stream);
  }

  /** Closes all that wait. */
  clear(): void {
    for (const frame of this.#waiting.values()) frame.close();
    this.#waiting.clear();
    this.#lastServed = new Map();
  }

  get size(): number {
    return this.#waiting.size;
  }
}
