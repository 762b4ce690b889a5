import { trimMemory } from '@lanecast/native';

/** Nobody has watched for so long. Longer than a page takes to be loaded again. */
const QUIET_MS = 3000;

/**
 * Gives memory back when the last viewer has left: what they needed lies between what goes on, where the allocator would
 * keep it for ever.
 */
export class MemoryTrim {
  readonly #trim: () => Promise<void>;
  #quietSinceMs: number | null = null;
  #watched = false;

  constructor(trim: () => Promise<void> = trimMemory) {
    this.#trim = trim;
  }

  /** To be called about once a second. */
  look(viewers: number, nowMs: number): void {
    if (viewers > 0) {
      this.#watched = true;
      this.#quietSinceMs = null;
      return;
    }
    this.#quietSinceMs ??= nowMs;
    if (!this.#watched || nowMs - this.#quietSinceMs < QUIET_MS) return;
    this.#watched = false;
    void this.#trim();
  }
}
