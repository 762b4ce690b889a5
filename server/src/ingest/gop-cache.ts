/** An access unit as the cache keeps it: the RTP packets as they came. */
export interface CachedUnit {
  ptsUs: number;
  isKeyframe: boolean;
  packets: readonly Uint8Array[];
  parameterSets: readonly Uint8Array[];
}

/**
 * The RTP packets since the last keyframe, for viewers that join: they start with a picture at once. Bounded in units
 * and bytes; a group of pictures that outgrows the bounds is dropped whole, since a part of it shows nothing.
 */
export class GopCache {
  readonly #maxUnits: number;
  readonly #maxBytes: number;
  #units: CachedUnit[] = [];
  #bytes = 0;
  #complete = false;

  constructor(maxUnits = 600, maxBytes = 8 << 20) {
    this.#maxUnits = maxUnits;
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** From the keyframe on; empty while there is none. */
  get units(): readonly CachedUnit[] {
    return this.#units;
  }

  push(unit: CachedUnit): void {
    if (unit.isKeyframe) {
      this.clear();
      this.#complete = true;
    }
    if (!this.#complete) return;
    this.#units.push(unit);
    for (const packet of unit.packets) this.#bytes += packet.length;
    if (this.#units.length > this.#maxUnits || this.#bytes > this.#maxBytes) this.clear();
  }

  /** Until the next keyframe nothing is kept: after a loss the rest of the group cannot be decoded. */
  clear(): void {
    this.#units = [];
    this.#bytes = 0;
    this.#complete = false;
  }
}
