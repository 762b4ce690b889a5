import type { Frame } from 'node-av/lib';
import { type FrameHeader, FrameSlots, type SharedFrameSlots } from '../core/frame-slots.js';
import type { Letterbox } from '../core/geometry.js';
import type { WorkSignal } from '../core/work-signal.js';
import { Letterboxer } from './decode/letterboxer.js';
import type { PictureScaler } from './decode/scaler.js';

/** Puts a stream's pictures, letterboxed, into the slots that the detector takes them from. Latest wins. */
export class DetectorFeed {
  readonly #slots: FrameSlots;
  readonly #letterboxer: Letterboxer;
  readonly #signal: WorkSignal;
  /** What each slot was last published with. */
  readonly #slotPtsUs: number[] = [];

  constructor(
    { slots, width, height }: { slots: SharedFrameSlots; width: number; height: number },
    scaler: PictureScaler,
    signal: WorkSignal,
  ) {
    this.#slots = new FrameSlots(slots);
    this.#slots.takeOverWriting();
    this.#letterboxer = new Letterboxer(this.#slots, width, height, scaler);
    this.#signal = signal;
  }

  /**
   * Writes one picture. `discard` is told of an earlier one that the detector will never see. `unreadable`: it could not
   * be scaled.
   */
  offer(
    frame: Frame,
    header: () => Omit<FrameHeader, keyof Letterbox>,
    discard: (ptsUs: number) => void,
  ): 'offered' | 'no-slot' | 'unreadable' {
    const slot = this.#slots.beginWrite();
    if (slot === null) return 'no-slot';
    const before = this.#slotPtsUs[slot];
    if (this.#slots.overwrote && before !== undefined) discard(before);
    const geometry = this.#letterboxer.write(slot, frame);
    if (!geometry) {
      this.#slots.cancelWrite(slot);
      return 'unreadable';
    }
    const fields = header();
    this.#slotPtsUs[slot] = fields.ptsUs;
    this.#slots.publish(slot, { ...geometry, ...fields });
    this.#signal.raise();
    return 'offered';
  }
}
