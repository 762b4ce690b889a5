/** From linear light to an 8-bit picture: bloom, rain, tone curve, sensor noise; and from there to video's I420. */
import { normal, seededRandom } from '@lanecast/server/core/random';
import type { Lighting } from './lighting.js';

const CURVE_STEPS = 4096;
/** Light at the end of the tone curve's table. */
const CURVE_END = 6;
const NOISE_LENGTH = 1 << 16;

/** A filmic curve (K. Narkowicz's fit of ACES, 2015), then sRGB, as 0..255. The table is even in the root of light. */
const CURVE = Float32Array.from({ length: CURVE_STEPS + 1 }, (_, k) => {
  const x = (k / CURVE_STEPS) ** 2 * CURVE_END;
  const tone = Math.min(1, (x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14));
  return 255 * (tone <= 0.0031308 ? 12.92 * tone : 1.055 * tone ** (1 / 2.4) - 0.055);
});

export class Developer {
  readonly rgb: Uint8Array;
  readonly #noise: Float32Array;
  readonly #random: () => number;
  readonly #bloom: [Float32Array, Float32Array];
  readonly #bloomWidth: number;
  readonly #bloomHeight: number;

  /** `noiseLevel`: standard deviation of the sensor's noise, of 255. */
  constructor(
    readonly widthPx: number,
    readonly heightPx: number,
    seed: number,
    noiseLevel: number,
  ) {
    this.rgb = new Uint8Array(3 * widthPx * heightPx);
    this.#random = seededRandom(seed);
    this.#noise = Float32Array.from({ length: NOISE_LENGTH }, () => noiseLevel * normal(this.#random));
    this.#bloomWidth = Math.ceil(widthPx / 4);
    this.#bloomHeight = Math.ceil(heightPx / 4);
    const cells = 3 * this.#bloomWidth * this.#bloomHeight;
    this.#bloom = [new Float32Array(cells), new Float32Array(cells)];
  }

  /** Develops a picture into `rgb` (three bytes a pixel). `light` is changed. */
  develop(light: Float32Array, lighting: Lighting): void {
    if (lighting.headlights) this.#addBloom(light, lighting.lamps > 0 ? 0.5 : 0.18);
    if (lighting.rain > 0) this.#addRain(light, lighting.rain, lighting.horizon[0]);
    const { rgb } = this;
    const scale = (lighting.exposure * CURVE_STEPS * CURVE_STEPS) / CURVE_END;
    const noise = this.#noise;
    let grain = Math.floor(this.#random() * NOISE_LENGTH);
    for (let at = 0; at < rgb.length; at += 3) {
      // One grain a pixel: a sensor's noise is mostly in brightness.
      grain = (grain + 1) & (NOISE_LENGTH - 1);
      if ((at & 0x3fff) === 0) grain = Math.floor(this.#random() * NOISE_LENGTH);
      const speck = noise[grain]! + 0.5;
      for (let k = at; k < at + 3; k++) {
        const step = Math.sqrt(Math.max(0, light[k]!) * scale);
        const value = CURVE[step < CURVE_STEPS ? step | 0 : CURVE_STEPS]! + speck;
        rgb[k] = value < 0 ? 0 : value > 255 ? 255 : value;
      }
    }
  }

  /** Bright light spills over: a quarter-size picture of what is brighter than white, blurred twice. */
  #addBloom(light: Float32Array, strength: number): void {
    const [a, b] = this.#bloom;
    const [width, height] = [this.#bloomWidth, this.#bloomHeight];
    a.fill(0);
    for (let y = 0; y < this.heightPx; y++) {
      for (let x = 0; x < this.widthPx; x++) {
        const at = 3 * (y * this.widthPx + x);
        const over = Math.max(light[at]!, light[at + 1]!, light[at + 2]!) - 0.9;
        if (over <= 0) continue;
        const to = 3 * ((y >> 2) * width + (x >> 2));
        const share = Math.min(1, over) / 16;
        a[to] = a[to]! + light[at]! * share;
        a[to + 1] = a[to + 1]! + light[at + 1]! * share;
        a[to + 2] = a[to + 2]! + light[at + 2]! * share;
      }
    }
    for (let round = 0; round < 2; round++) {
      blur(a, b, width, height, 3, 3 * width, 2);
      blur(b, a, height, width, 3 * width, 3, 2);
    }
    for (let y = 0; y < this.heightPx; y++) {
      for (let x = 0; x < this.widthPx; x++) {
        const at = 3 * (y * this.widthPx + x);
        const u = Math.min(width - 1.001, Math.max(0, (x + 0.5) / 4 - 0.5));
        const v = Math.min(height - 1.001, Math.max(0, (y + 0.5) / 4 - 0.5));
        const from = 3 * (Math.floor(v) * width + Math.floor(u));
        const [fu, fv] = [u - Math.floor(u), v - Math.floor(v)];
        for (let k = 0; k < 3; k++) {
          const top = a[from + k]! * (1 - fu) + a[from + 3 + k]! * fu;
          const bottom = a[from + 3 * width + k]! * (1 - fu) + a[from + 3 * width + 3 + k]! * fu;
          light[at + k] = light[at + k]! + strength * (top * (1 - fv) + bottom * fv);
        }
      }
    }
  }

  #addRain(light: Float32Array, rain: number, brightness: number): void {
    const count = Math.round(rain * 0.0016 * this.widthPx * this.heightPx);
    const slant = 0.12;
    for (let k = 0; k < count; k++) {
      const near = this.#random();
      const length = Math.round((4 + 16 * near * near) * (this.heightPx / 360));
      const x0 = this.#random() * this.widthPx;
      const y0 = Math.floor(this.#random() * this.heightPx);
      const alpha = 0.05 + 0.1 * this.#random();
      for (let step = 0; step < length && y0 + step < this.heightPx; step++) {
        const x = Math.floor(x0 + slant * step);
        if (x >= this.widthPx) break;
        const at = 3 * ((y0 + step) * this.widthPx + x);
        for (let c = at; c < at + 3; c++) light[c] = light[c]! + (brightness * 1.2 - light[c]!) * alpha;
      }
    }
  }
}

/** A box blur of `radius` along rows of `length` cells (three channels) that are `step` apart. */
function blur(
  from: Float32Array,
  to: Float32Array,
  length: number,
  rows: number,
  step: number,
  rowStep: number,
  radius: number,
): void {
  const scale = 1 / (2 * radius + 1);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < 3; c++) {
      const base = row * rowStep + c;
      let sum = 0;
      for (let k = -radius; k < length; k++) {
        if (k + radius < length) sum += from[base + (k + radius) * step]!;
        if (k - radius - 1 >= 0) sum -= from[base + (k - radius - 1) * step]!;
        if (k >= 0) to[base + k * step] = sum * scale;
      }
    }
  }
}

/** I420, BT.709: limited range for video, full range with BT.601 for JPEG. Width and height even. */
export function toI420(
  rgb: Uint8Array,
  widthPx: number,
  heightPx: number,
  matrix: 'bt709' | 'jpeg',
  out: Uint8Array,
): void {
  const video = matrix === 'bt709';
  const [kr, kb] = video ? [0.2126, 0.0722] : [0.299, 0.114];
  const kg = 1 - kr - kb;
  const [scaleY, offsetY, scaleC] = video ? [219 / 255, 16, 224 / 255] : [1, 0, 1];
  const cb = scaleC / (2 * (1 - kb));
  const cr = scaleC / (2 * (1 - kr));
  const size = widthPx * heightPx;
  for (let y = 0; y < heightPx; y += 2) {
    for (let x = 0; x < widthPx; x += 2) {
      let [sumR, sumG, sumB] = [0, 0, 0];
      for (let k = 0; k < 4; k++) {
        const pixel = (y + (k >> 1)) * widthPx + x + (k & 1);
        const r = rgb[3 * pixel]!;
        const g = rgb[3 * pixel + 1]!;
        const b = rgb[3 * pixel + 2]!;
        out[pixel] = offsetY + scaleY * (kr * r + kg * g + kb * b) + 0.5;
        sumR += r;
        sumG += g;
        sumB += b;
      }
      const luma = (kr * sumR + kg * sumG + kb * sumB) / 4;
      const at = size + ((y >> 1) * widthPx) / 2 + (x >> 1);
      out[at] = 128 + cb * (sumB / 4 - luma) + 0.5;
      out[at + size / 4] = 128 + cr * (sumR / 4 - luma) + 0.5;
    }
  }
}
