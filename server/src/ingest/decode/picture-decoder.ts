import type { Frame } from 'node-av/lib';

/** Where pictures are decoded: `nvdec` leaves them in the memory of the GPU. */
export type DecodeBackend = 'software' | 'nvdec';

/** What a configuration may ask for; `auto`: NVDEC where it works, software else and where NVDEC gives up a stream. */
export type DecodeChoice = 'auto' | DecodeBackend;

/** Access units in, pictures out, synchronously. */
export interface PictureDecoder {
  /** Where the pictures really come from. */
  readonly backend: DecodeBackend;

  /**
   * Feeds one access unit (Annex B, parameter sets in band) and calls `onFrame` for each picture that comes out. The
   * frame is valid during the call only: `clone()` it to keep it. Returns false if the unit was refused as broken; the
   * decoder stays usable.
   */
  decode(unit: Uint8Array, ptsUs: number, isKeyframe: boolean, onFrame: (frame: Frame, ptsUs: number) => void): boolean;

  /** May be called twice. */
  close(): void;
}
