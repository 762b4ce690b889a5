import type { Frame } from 'node-av/lib';
import { type Letterbox, letterbox } from '../../core/geometry.js';
import type { FrameSlots } from '../../core/frame-slots.js';
import { type PictureScaler, nv12ContentPlanes, type PicturePlanes } from './scaler.js';

/** Grey of the padding: RGB 114 in BT.709 limited range, what YOLO models are trained with. */
const PAD_LUMA = 114;
const PAD_CHROMA = 128;

/**
 * Letterboxes frames as NV12 into the detector's slots. The padding of a slot is painted only when the geometry of
 * what it holds changes.
 */
export class Letterboxer {
  readonly #width: number;
  readonly #height: number;
  readonly #slots: FrameSlots;
  readonly #scaler: PictureScaler;
  readonly #painted: (Letterbox | undefined)[] = [];
  readonly #targets: (PicturePlanes | undefined)[] = [];
  #geometry: Letterbox | undefined;

  constructor(slots: FrameSlots, width: number, height: number, scaler: PictureScaler) {
    this.#slots = slots;
    this.#width = width;
    this.#height = height;
    this.#scaler = scaler;
  }

  /** Scales `frame` into a claimed slot; null if its pixel format cannot be read. */
  write(slot: number, frame: Frame): Letterbox | null {
    const geometry = this.#geometryOf(frame);
    if (this.#painted[slot] !== geometry) {
      const picture = this.#slots.picture(slot);
      picture.fill(PAD_LUMA, 0, this.#width * this.#height);
      picture.fill(PAD_CHROMA, this.#width * this.#height);
      this.#targets[slot] = nv12ContentPlanes(picture, this.#width, this.#height, geometry);
      this.#painted[slot] = geometry;
    }
    return this.#scaler.scale(frame, this.#targets[slot]!) ? geometry : null;
  }

  #geometryOf(frame: Frame): Letterbox {
    const known = this.#geometry;
    if (known?.sourceWidth === frame.width && known.sourceHeight === frame.height) return known;
    return (this.#geometry = letterbox(frame.width, frame.height, this.#width, this.#height));
  }
}
