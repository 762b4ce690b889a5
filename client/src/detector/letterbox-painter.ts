import { letterbox, type Letterbox } from '@lanecast/server/core/geometry';
import { bilinearTaps, type Taps } from './bilinear-taps.js';
import type { PlanarPicture, Plane, YuvMatrix } from './picture-planes.js';

/** The server's padding: luma 114 in BT.709 limited range (`Letterboxer`), as RGB 0..1. */
export const PAD_LEVEL = (114 - 16) / 219;

/**
 * Letterboxes pictures on the CPU into a model's input: float32 `[3,H,W]`, red, green, blue, 0..1. As the server does
 * it: luma and chroma are scaled each on its own, chroma to half the size and then repeated, both are rounded to 8 bits,
 * and colours come last.
 */
export class LetterboxPainter {
  readonly width: number;
  readonly height: number;
  /** The model's input, `3 * height * width`; the next `paint` overwrites it. */
  readonly input: Float32Array;
  readonly #planes: [Float32Array, Float32Array, Float32Array];
  readonly #taps = new Map<string, Taps>();
  #rows = new Float32Array(0);
  #geometry: Letterbox | null = null;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.input = new Float32Array(3 * width * height).fill(PAD_LEVEL);
    this.#planes = [0, 1, 2].map(() => new Float32Array(width * height)) as [Float32Array, Float32Array, Float32Array];
  }

  /** `matrix` is for pictures of luma and chroma. */
  paint(picture: PlanarPicture, matrix: YuvMatrix): Letterbox {
    const [first] = picture.planes;
    const geometry = this.#geometryOf(first.width, first.height);
    const { contentWidth, contentHeight } = geometry;
    const shrink = picture.colour === 'yuv' ? 2 : 1;
    picture.planes.forEach((plane, i) => {
      const by = i === 0 ? 1 : shrink;
      this.#scale(picture.data, plane, contentWidth / by, contentHeight / by, this.#planes[i]!);
    });
    if (picture.colour === 'yuv') this.#writeYuv(geometry, matrix);
    else this.#writeRgb(geometry);
    return geometry;
  }

  #geometryOf(width: number, height: number): Letterbox {
    const known = this.#geometry;
    if (known?.sourceWidth === width && known.sourceHeight === height) return known;
    this.input.fill(PAD_LEVEL);
    this.#taps.clear();
    return (this.#geometry = letterbox(width, height, this.width, this.height));
  }

  #tapsFor(source: number, target: number): Taps {
    const key = `${source}>${target}`;
    let taps = this.#taps.get(key);
    if (!taps) this.#taps.set(key, (taps = bilinearTaps(source, target)));
    return taps;
  }

  /** Rows first, then columns: the work of a two-dimensional kernel falls apart into two sums. */
  #scale(data: Uint8Array, plane: Plane, width: number, height: number, out: Float32Array): void {
    const across = this.#tapsFor(plane.width, width);
    const down = this.#tapsFor(plane.height, height);
    if (this.#rows.length < plane.height * width) this.#rows = new Float32Array(plane.height * width);
    const rows = this.#rows;
    const { offset, stride, step } = plane;
    for (let y = 0; y < plane.height; y++) {
      const line = offset + y * stride;
      for (let x = 0; x < width; x++) {
        let sum = 0;
        let at = line + across.starts[x]! * step;
        for (let k = x * across.count, end = k + across.count; k < end; k++, at += step)
          sum += across.weights[k]! * data[at]!;
        rows[y * width + x] = sum;
      }
    }
    for (let y = 0; y < height; y++) {
      const to = y * width;
      out.fill(0, to, to + width);
      for (let k = 0; k < down.count; k++) {
        const weight = down.weights[y * down.count + k]!;
        const from = (down.starts[y]! + k) * width;
        for (let x = 0; x < width; x++) out[to + x]! += weight * rows[from + x]!;
      }
      // The server's picture has 8 bits here.
      for (let x = 0; x < width; x++) out[to + x] = Math.round(out[to + x]!);
    }
  }

  #writeYuv({ contentX, contentY, contentWidth, contentHeight }: Letterbox, matrix: YuvMatrix): void {
    const { black, luma, cb, cr } = matrix;
    const [ys, us, vs] = this.#planes;
    const plane = this.width * this.height;
    const half = contentWidth / 2;
    for (let y = 0; y < contentHeight; y++) {
      let at = (y + contentY) * this.width + contentX;
      const chroma = (y >> 1) * half;
      for (let x = 0; x < contentWidth; x++, at++) {
        const grey = luma * (ys[y * contentWidth + x]! - black);
        const u = us[chroma + (x >> 1)]! - 128;
        const v = vs[chroma + (x >> 1)]! - 128;
        this.input[at] = clip(grey + cr[0] * v);
        this.input[at + plane] = clip(grey + cb[1] * u + cr[1] * v);
        this.input[at + 2 * plane] = clip(grey + cb[2] * u);
      }
    }
  }

  #writeRgb({ contentX, contentY, contentWidth, contentHeight }: Letterbox): void {
    const plane = this.width * this.height;
    this.#planes.forEach((values, channel) => {
      for (let y = 0; y < contentHeight; y++) {
        const to = channel * plane + (y + contentY) * this.width + contentX;
        for (let x = 0; x < contentWidth; x++) this.input[to + x] = values[y * contentWidth + x]! / 255;
      }
    });
  }
}

function clip(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}
