import type { Colour } from './colour.js';
import type { Rect } from './layout.js';

/** Opaque, for the `alpha` of the drawing calls (0..256). */
export const OPAQUE = 256;

/**
 * Draws into the three planes of an I420 picture (full range). Everything is clipped to the current clip rectangle;
 * nothing is allocated per call.
 */
export class Canvas {
  readonly width: number;
  readonly height: number;
  /** Y, then U, then V, without padding. */
  readonly data: Buffer;
  readonly #chromaWidth: number;
  readonly #chromaHeight: number;
  readonly #u: number;
  readonly #v: number;
  #left = 0;
  #top = 0;
  #right: number;
  #bottom: number;

  /** `data` is drawn upon in place; without it a black picture is made. */
  constructor(width: number, height: number, data?: Uint8Array) {
    this.width = width;
    this.height = height;
    this.#chromaWidth = (width + 1) >> 1;
    this.#chromaHeight = (height + 1) >> 1;
    this.#u = width * height;
    this.#v = this.#u + this.#chromaWidth * this.#chromaHeight;
    const size = this.#v + this.#chromaWidth * this.#chromaHeight;
    if (data && data.length < size)
      throw new RangeError(`${data.length} bytes for a picture of ${width} x ${height}, which has ${size}`);
    this.data = data ? Buffer.from(data.buffer, data.byteOffset, size) : Buffer.alloc(size).fill(128, this.#u);
    this.#right = width;
    this.#bottom = height;
  }

  /** Restricts drawing to a rectangle; without one, to the whole picture. */
  clip(rect?: Rect): void {
    this.#left = Math.max(0, rect?.x ?? 0);
    this.#top = Math.max(0, rect?.y ?? 0);
    this.#right = Math.min(this.width, rect ? rect.x + rect.width : this.width);
    this.#bottom = Math.min(this.height, rect ? rect.y + rect.height : this.height);
  }

  /** The colour at a pixel (for tests and tools). */
  pixel(x: number, y: number): Colour {
    const chroma = (y >> 1) * this.#chromaWidth + (x >> 1);
    return {
      y: this.data[y * this.width + x]!,
      u: this.data[this.#u + chroma]!,
      v: this.data[this.#v + chroma]!,
    };
  }

  /** Copies a whole I420 picture (even sizes, no padding) to an even position. It must lie inside the canvas. */
  copy(picture: Uint8Array, width: number, height: number, x: number, y: number): void {
    const { data } = this;
    for (let row = 0; row < height; row++)
      data.set(picture.subarray(row * width, (row + 1) * width), (y + row) * this.width + x);
    const halfWidth = width >> 1;
    const halfHeight = height >> 1;
    let from = width * height;
    for (let plane = 0; plane < 2; plane++) {
      let to = (plane === 0 ? this.#u : this.#v) + (y >> 1) * this.#chromaWidth + (x >> 1);
      for (let row = 0; row < halfHeight; row++) {
        data.set(picture.subarray(from, from + halfWidth), to);
        from += halfWidth;
        to += this.#chromaWidth;
      }
    }
  }

  /** Fills a rectangle; `alpha` 0..256 mixes it with what is there. */
  fill(x: number, y: number, width: number, height: number, colour: Colour, alpha = OPAQUE): void {
    const x1 = Math.max(this.#left, Math.round(x));
    const y1 = Math.max(this.#top, Math.round(y));
    const x2 = Math.min(this.#right, Math.round(x + width));
    const y2 = Math.min(this.#bottom, Math.round(y + height));
    if (x1 >= x2 || y1 >= y2) return;
    this.#fillPlane(0, this.width, x1, y1, x2, y2, colour.y, alpha);
    this.#fillPlane(this.#u, this.#chromaWidth, x1 >> 1, y1 >> 1, (x2 + 1) >> 1, (y2 + 1) >> 1, colour.u, alpha);
    this.#fillPlane(this.#v, this.#chromaWidth, x1 >> 1, y1 >> 1, (x2 + 1) >> 1, (y2 + 1) >> 1, colour.v, alpha);
  }

  /** Darkens luma only; colours beneath keep their hue. `alpha` 0..256 of black. */
  shade(x: number, y: number, width: number, height: number, alpha: number): void {
    const x1 = Math.max(this.#left, Math.round(x));
    const y1 = Math.max(this.#top, Math.round(y));
    const x2 = Math.min(this.#right, Math.round(x + width));
    const y2 = Math.min(this.#bottom, Math.round(y + height));
    if (x1 < x2 && y1 < y2) this.#fillPlane(0, this.width, x1, y1, x2, y2, 0, alpha);
  }

  /**
   * The outline of a rectangle, `thickness` pixels inwards, with a dark rim of one pixel on either side so that it
   * shows on light and dark ground.
   */
  outline(x: number, y: number, width: number, height: number, thickness: number, colour: Colour): void {
    this.#frame(x - 1, y - 1, width + 2, height + 2, 1, null);
    this.#frame(x + thickness, y + thickness, width - 2 * thickness, height - 2 * thickness, 1, null);
    this.#frame(x, y, width, height, thickness, colour);
  }

  /** Blends `colour` through a coverage bitmap (0..255) whose top left corner is at `x`, `y`. */
  stamp(
    coverage: Uint8Array,
    offset: number,
    width: number,
    height: number,
    x: number,
    y: number,
    colour: Colour,
  ): void {
    const { data } = this;
    const fromRow = Math.max(0, this.#top - y);
    const toRow = Math.min(height, this.#bottom - y);
    const fromColumn = Math.max(0, this.#left - x);
    const toColumn = Math.min(width, this.#right - x);
    for (let row = fromRow; row < toRow; row++) {
      let at = offset + row * width + fromColumn;
      const luma = (y + row) * this.width + x;
      const chroma = ((y + row) >> 1) * this.#chromaWidth;
      for (let column = fromColumn; column < toColumn; column++) {
        const alpha = coverage[at++]!;
        if (alpha === 0) continue;
        const pixel = luma + column;
        const was = data[pixel]!;
        data[pixel] = was + (((colour.y - was) * alpha) / 255 + 0.5);
        // Four luma pixels share a chroma sample, so each of them moves it by a quarter of its coverage.
        const u = this.#u + chroma + ((x + column) >> 1);
        const v = u - this.#u + this.#v;
        data[u] = data[u]! + Math.trunc(((colour.u - data[u]!) * alpha) / 1020);
        data[v] = data[v]! + Math.trunc(((colour.v - data[v]!) * alpha) / 1020);
      }
    }
  }

  #frame(x: number, y: number, width: number, height: number, thickness: number, colour: Colour | null): void {
    if (width <= 0 || height <= 0) return;
    this.#bar(x, y, width, thickness, colour);
    this.#bar(x, y + height - thickness, width, thickness, colour);
    this.#bar(x, y + thickness, thickness, height - 2 * thickness, colour);
    this.#bar(x + width - thickness, y + thickness, thickness, height - 2 * thickness, colour);
  }

  #bar(x: number, y: number, width: number, height: number, colour: Colour | null): void {
    if (colour) this.fill(x, y, width, height, colour);
    else this.shade(x, y, width, height, 150);
  }

  #fillPlane(
    plane: number,
    stride: number,
    x1: number,
    y1: number,
    x2: number,
    y2: number,
    value: number,
    alpha: number,
  ): void {
    const { data } = this;
    for (let y = y1; y < y2; y++) {
      const from = plane + y * stride + x1;
      const to = plane + y * stride + x2;
      if (alpha >= OPAQUE) data.fill(value, from, to);
      else for (let at = from; at < to; at++) data[at] = data[at]! + (((value - data[at]!) * alpha) >> 8);
    }
  }
}
