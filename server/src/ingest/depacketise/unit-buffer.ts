const START_CODE = Uint8Array.of(0, 0, 0, 1);
const INITIAL_BYTES = 64 * 1024;

/**
 * One access unit as it grows, in Annex-B form. Bytes are copied in as they come, so that a unit of many tiny NAL units
 * costs no more than one large one; the memory is used again for the next unit.
 */
export class UnitBuffer {
  readonly #maxBytes: number;
  #bytes = new Uint8Array(INITIAL_BYTES);
  #length = 0;
  #overflowed = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#length;
  }

  /** Something did not fit; the content is incomplete. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  get capacity(): number {
    return this.#bytes.length;
  }

  startNal(): void {
    this.append(START_CODE);
  }

  append(data: Uint8Array): void {
    if (this.#overflowed) return;
    const needed = this.#length + data.length;
    if (needed > this.#maxBytes) {
      this.#overflowed = true;
      return;
    }
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(this.#maxBytes, Math.max(needed, this.#bytes.length * 2)));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(data, this.#length);
    this.#length = needed;
  }

  /** A view, valid until the next change. */
  view(from: number, to: number): Uint8Array {
    return this.#bytes.subarray(from, to);
  }

  /** Forgets what was appended since `length` was this. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  clear(): void {
    this.#length = 0;
    this.#overflowed = false;
  }

  /** A copy of the content with `insert` (parameter sets) put in at `position`, each with a start code. */
  toAnnexB(insert: readonly Uint8Array[], position: number): Uint8Array {
    const extra = insert.reduce((sum, nal) => sum + START_CODE.length + nal.length, 0);
    const result = new Uint8Array(this.#length + extra);
    result.set(this.#bytes.subarray(0, position));
    let offset = position;
    for (const nal of insert) {
      result.set(START_CODE, offset);
      result.set(nal, offset + START_CODE.length);
      offset += START_CODE.length + nal.length;
    }
    result.set(this.#bytes.subarray(position, this.#length), offset);
    return result;
  }
}
