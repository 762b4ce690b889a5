import type { Letterbox } from './geometry.js';

/** What travels with a picture through a slot. Times are milliseconds of the process-wide monotonic clock. */
export interface FrameHeader extends Letterbox {
  ptsUs: number;
  epoch: number;
  /** When the last RTP packet of the frame arrived. */
  receivedAtMs: number;
  /** When its decoding ended. */
  decodedAtMs: number;
  /** When the picture was written to the slot. */
  writtenAtMs: number;
  /** The number in the picture's frame counter, if it was to be read and could be. */
  frameNo?: number | undefined;
}

/** A picture held by the reader; give it back with `release`. */
export interface TakenFrame {
  slot: number;
  header: FrameHeader;
  /** The slot's picture bytes; valid until `release`. */
  picture: Uint8Array;
  /** The slot's side data (JSON text or nothing); valid until `release`. */
  meta: Uint8Array;
}

const EMPTY = 0;
const WRITING = 1;
const READY = 2;
const READING = 3;

// Per slot in the control block: state, sequence, length of the side data; then shared counters.
const WORDS_PER_SLOT = 3;
const COUNTER_REPLACED = 0;
const COUNTER_SEQUENCE = 1;
const COUNTERS = 2;
const HEADER_FIELDS = 12;

/** Sizes of a set of slots; with the shared buffer it is all that another thread needs to join. */
export interface FrameSlotsShape {
  slotCount: number;
  pictureBytes: number;
  metaBytes: number;
}

/** What is posted to the other thread. */
export interface SharedFrameSlots extends FrameSlotsShape {
  buffer: SharedArrayBuffer;
}

/**
 * A bounded hand-over of pictures between one writer thread and one reader thread: latest wins. The writer never
 * waits: with no empty slot it overwrites the oldest picture that nobody has taken, and counts it (`replaced`).
 * The reader takes the newest picture and drops older ones. With two slots there is always one to write, because the
 * reader holds one at most.
 */
export class FrameSlots {
  readonly shared: SharedFrameSlots;
  readonly #states: Int32Array;
  readonly #counters: Int32Array;
  readonly #headers: Float64Array;
  readonly #pictures: Uint8Array[] = [];
  readonly #metas: Uint8Array[] = [];
  #overwrote = false;

  static allocate(shape: FrameSlotsShape): FrameSlots {
    return new FrameSlots({ ...shape, buffer: new SharedArrayBuffer(FrameSlots.#layout(shape).total) });
  }

  static #layout({ slotCount, pictureBytes, metaBytes }: FrameSlotsShape) {
    const control = 8 * Math.ceil((4 * (slotCount * WORDS_PER_SLOT + COUNTERS)) / 8);
    const headers = 8 * slotCount * HEADER_FIELDS;
    // Pictures start on cache lines.
    const pictures = 64 * Math.ceil((control + headers) / 64);
    const stride = 64 * Math.ceil(pictureBytes / 64);
    const metas = pictures + slotCount * stride;
    return { control, pictures, stride, metas, total: metas + slotCount * metaBytes };
  }

  constructor(shared: SharedFrameSlots) {
    const layout = FrameSlots.#layout(shared);
    const { slotCount, buffer } = shared;
    this.shared = shared;
    this.#states = new Int32Array(buffer, 0, slotCount * WORDS_PER_SLOT);
    this.#counters = new Int32Array(buffer, 4 * slotCount * WORDS_PER_SLOT, COUNTERS);
    this.#headers = new Float64Array(buffer, layout.control, slotCount * HEADER_FIELDS);
    for (let slot = 0; slot < slotCount; slot++) {
      this.#pictures.push(new Uint8Array(buffer, layout.pictures + slot * layout.stride, shared.pictureBytes));
      this.#metas.push(new Uint8Array(buffer, layout.metas + slot * shared.metaBytes, shared.metaBytes));
    }
  }

  /** Pictures overwritten before anybody took them. */
  get replaced(): number {
    return Atomics.load(this.#counters, COUNTER_REPLACED);
  }

  /** Pictures that were handed over, in all (wraps after 2^32). */
  get published(): number {
    return Atomics.load(this.#counters, COUNTER_SEQUENCE) >>> 0;
  }

  /** Writer: did the last `beginWrite` overwrite a picture that nobody had taken? */
  get overwrote(): boolean {
    return this.#overwrote;
  }

  /** The bytes of one slot's picture (for a writer's views over them). */
  picture(slot: number): Uint8Array {
    return this.#pictures[slot]!;
  }

  /** Writer: claim a slot. Null only if the reader holds every slot, which takes a reader that breaks the rule. */
  beginWrite(): number | null {
    // At most two rounds: the reader may take the very slot that was about to be overwritten.
    for (let attempt = 0; attempt < 2; attempt++) {
      let oldest = -1;
      for (let slot = 0; slot < this.shared.slotCount; slot++) {
        if (this.#exchange(slot, EMPTY, WRITING)) {
          this.#overwrote = false;
          return slot;
        }
        if (this.#state(slot) === READY && (oldest < 0 || this.#sequence(slot) < this.#sequence(oldest))) oldest = slot;
      }
      if (oldest >= 0 && this.#exchange(oldest, READY, WRITING)) {
        Atomics.add(this.#counters, COUNTER_REPLACED, 1);
        this.#overwrote = true;
        return oldest;
      }
    }
    return null;
  }

  /** Writer: hand the slot over. `meta` longer than the slot has room for is refused with a RangeError. */
  publish(slot: number, header: FrameHeader, meta?: Uint8Array): void {
    if (meta && meta.length > this.shared.metaBytes)
      throw new RangeError(`side data of ${meta.length} bytes in ${this.shared.metaBytes}`);
    const at = slot * HEADER_FIELDS;
    const h = this.#headers;
    h[at] = header.ptsUs;
    h[at + 1] = header.epoch;
    h[at + 2] = header.receivedAtMs;
    h[at + 3] = header.decodedAtMs;
    h[at + 4] = header.writtenAtMs;
    h[at + 5] = header.sourceWidth;
    h[at + 6] = header.sourceHeight;
    h[at + 7] = header.contentX;
    h[at + 8] = header.contentY;
    h[at + 9] = header.contentWidth;
    h[at + 10] = header.contentHeight;
    h[at + 11] = header.frameNo ?? -1;
    if (meta) this.#metas[slot]!.set(meta);
    this.#states[slot * WORDS_PER_SLOT + 2] = meta?.length ?? 0;
    this.#states[slot * WORDS_PER_SLOT + 1] = Atomics.add(this.#counters, COUNTER_SEQUENCE, 1);
    Atomics.store(this.#states, slot * WORDS_PER_SLOT, READY);
  }

  /** Writer: give a claimed slot back unused. */
  cancelWrite(slot: number): void {
    Atomics.store(this.#states, slot * WORDS_PER_SLOT, EMPTY);
  }

  /** True if the writer may reuse this slot, i.e. the reader has finished with what was published in it. */
  isEmpty(slot: number): boolean {
    return this.#state(slot) === EMPTY;
  }

  /** Reader: is there a picture to take? */
  hasReady(): boolean {
    for (let slot = 0; slot < this.shared.slotCount; slot++) if (this.#state(slot) === READY) return true;
    return false;
  }

  /** Reader: take the newest picture; older untaken ones are dropped (and counted as replaced). */
  takeNewest(): TakenFrame | null {
    for (;;) {
      let newest = -1;
      for (let slot = 0; slot < this.shared.slotCount; slot++) {
        if (this.#state(slot) === READY && (newest < 0 || this.#sequence(slot) > this.#sequence(newest))) newest = slot;
      }
      if (newest < 0) return null;
      if (!this.#exchange(newest, READY, READING)) continue; // the writer was faster: look again
      const sequence = this.#sequence(newest);
      for (let slot = 0; slot < this.shared.slotCount; slot++) {
        if (slot !== newest && this.#state(slot) === READY && this.#sequence(slot) < sequence) {
          if (this.#exchange(slot, READY, EMPTY)) Atomics.add(this.#counters, COUNTER_REPLACED, 1);
        }
      }
      return this.#taken(newest);
    }
  }

  /** Reader: take the oldest picture if a newer one waits behind it; null if there are not two. */
  takeEarlier(): TakenFrame | null {
    let oldest = -1;
    let waiting = 0;
    for (let slot = 0; slot < this.shared.slotCount; slot++) {
      if (this.#state(slot) !== READY) continue;
      waiting++;
      if (oldest < 0 || this.#sequence(slot) < this.#sequence(oldest)) oldest = slot;
    }
    // If the writer is faster it overwrites that very picture: then it is not there to be taken.
    return waiting > 1 && this.#exchange(oldest, READY, READING) ? this.#taken(oldest) : null;
  }

  /** Reader: finished with a taken slot. */
  release(slot: number): void {
    Atomics.compareExchange(this.#states, slot * WORDS_PER_SLOT, READING, EMPTY);
  }

  /** A new writer begins: free what the one before it was writing when its thread died. */
  takeOverWriting(): void {
    for (let slot = 0; slot < this.shared.slotCount; slot++) this.#exchange(slot, WRITING, EMPTY);
  }

  /** After the reader thread died: free what it held. */
  reclaim(): void {
    for (let slot = 0; slot < this.shared.slotCount; slot++) this.release(slot);
  }

  #taken(slot: number): TakenFrame {
    const metaLength = this.#states[slot * WORDS_PER_SLOT + 2]!;
    return {
      slot,
      header: this.#header(slot),
      picture: this.#pictures[slot]!,
      meta: this.#metas[slot]!.subarray(0, metaLength),
    };
  }

  #state(slot: number): number {
    return Atomics.load(this.#states, slot * WORDS_PER_SLOT);
  }

  #sequence(slot: number): number {
    return Atomics.load(this.#states, slot * WORDS_PER_SLOT + 1);
  }

  #exchange(slot: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.#states, slot * WORDS_PER_SLOT, from, to) === from;
  }

  #header(slot: number): FrameHeader {
    const at = slot * HEADER_FIELDS;
    const h = this.#headers;
    return {
      ptsUs: h[at]!,
      epoch: h[at + 1]!,
      receivedAtMs: h[at + 2]!,
      decodedAtMs: h[at + 3]!,
      writtenAtMs: h[at + 4]!,
      sourceWidth: h[at + 5]!,
      sourceHeight: h[at + 6]!,
      contentX: h[at + 7]!,
      contentY: h[at + 8]!,
      contentWidth: h[at + 9]!,
      contentHeight: h[at + 10]!,
      ...(h[at + 11]! >= 0 && { frameNo: h[at + 11]! }),
    };
  }
}
