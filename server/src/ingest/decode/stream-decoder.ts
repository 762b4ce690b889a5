import type { Frame } from 'node-av/lib';
import { messageOf } from '../../core/errors.js';
import type { DecodeBackend, PictureDecoder } from './picture-decoder.js';

/** How a stream's decoders are made. */
export interface DecoderFactories {
  /** null: software was asked for, or there is nothing better. */
  hardware: (() => PictureDecoder) | null;
  software: () => PictureDecoder;
}

/**
 * One stream's decoder: in hardware while that works, else in software until the camera is connected anew. A keyframe
 * that the hardware refuses is tried in software at once: if that takes it, the hardware was to blame and the stream
 * goes on without it and without a gap; if not, the camera was, and the hardware stays.
 */
export class StreamDecoder implements PictureDecoder {
  readonly #factories: DecoderFactories;
  #decoder: PictureDecoder;
  #fallbackReason: string | null = null;
  /** Set when the hardware is given up; the next keyframe goes to software. */
  #mustSwitch = false;
  #closed = false;

  /** Throws what the software decoder's factory throws. */
  constructor(factories: DecoderFactories) {
    this.#factories = factories;
    this.#decoder = this.#first();
  }

  get backend(): DecodeBackend {
    return this.#fallbackReason === null ? this.#decoder.backend : 'software';
  }

  /** Why this stream is not decoded in hardware although it was to be; null if it is, or was not to be. */
  get fallbackReason(): string | null {
    return this.#fallbackReason;
  }

  decode(
    unit: Uint8Array,
    ptsUs: number,
    isKeyframe: boolean,
    onFrame: (frame: Frame, ptsUs: number) => void,
  ): boolean {
    if (this.#closed) return false;
    if (this.#mustSwitch) {
      // Software knows none of the pictures that this unit refers to.
      if (!isKeyframe) return false;
      this.#switchTo(this.#factories.software());
    }
    if (this.#decoder.backend === 'software') return this.#decoder.decode(unit, ptsUs, isKeyframe, onFrame);

    const accepted = this.#decoder.decode(unit, ptsUs, isKeyframe, (frame, framePtsUs) => {
      // FFmpeg decodes by itself what NVDEC does not take, with the same decoder: only the word for it changes.
      if (!frame.isHwFrame()) this.#fallbackReason ??= 'NVDEC does not take this stream (its profile, size or memory)';
      onFrame(frame, framePtsUs);
    });
    return accepted || (isKeyframe && this.#retryInSoftware(unit, ptsUs, onFrame));
  }

  /** Pictures came, but nobody could read them from the GPU: gives the hardware up at the next keyframe. */
  hardwareFailed(reason: string): void {
    if (this.backend === 'software') return;
    this.#fallbackReason = reason;
    this.#mustSwitch = true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#decoder.close();
  }

  #first(): PictureDecoder {
    const { hardware, software } = this.#factories;
    if (hardware) {
      try {
        return hardware();
      } catch (error) {
        this.#fallbackReason = `its NVDEC decoder did not start: ${messageOf(error)}`;
      }
    }
    return software();
  }

  #retryInSoftware(unit: Uint8Array, ptsUs: number, onFrame: (frame: Frame, ptsUs: number) => void): boolean {
    const software = this.#factories.software();
    if (!software.decode(unit, ptsUs, true, onFrame)) {
      software.close();
      return false;
    }
    this.#fallbackReason = 'NVDEC refused a keyframe that software decodes';
    this.#switchTo(software);
    return true;
  }

  #switchTo(software: PictureDecoder): void {
    this.#decoder.close();
    this.#decoder = software;
    this.#mustSwitch = false;
  }
}
