import type { Rect } from '../label-placement.js';

/** What an instance is; the numbers are those of `overlay.wgsl`. */
export const InstanceKind = { fill: 0, stroke: 1, ribbon: 2, glyph: 3 } as const;

/**
 * Bytes of one instance: `f32x4` geometry, `f32x4` parameters, `f32x4` clip (left, top, right, bottom), `u8x4` colour,
 * `u32` kind.
 */
export const INSTANCE_BYTES = 56;
const WORDS = INSTANCE_BYTES / 4;

/** Everything in device pixels of the canvas; colours as `packedColour` makes them. */
export class InstanceList {
  #floats = new Float32Array(WORDS * 256);
  #words = new Uint32Array(this.#floats.buffer);
  #count = 0;
  readonly #clip = new Float32Array(4);

  get count(): number {
    return this.#count;
  }

  /** The instances so far; valid until the next one is added. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#floats.buffer, 0, this.#count * INSTANCE_BYTES);
  }

  /** Forgets the instances from `count` on. */
  truncate(count: number): void {
    this.#count = Math.min(this.#count, count);
  }

  /** Nothing of what is added from now on is drawn outside of this. */
  clipTo({ x, y, width, height }: Rect): void {
    this.#clip.set([x, y, x + width, y + height]);
  }

  fill(x: number, y: number, width: number, height: number, radius: number, colour: number): void {
    this.#add(InstanceKind.fill, x, y, width, height, radius, 0, 0, 0, colour);
  }

  /** A rectangle's line, centred on its edges, round outside its corners. Dashes run clockwise from the upper left corner; `off` 0: none. */
  stroke(rect: Rect, lineWidth: number, on: number, off: number, colour: number): void {
    this.#add(InstanceKind.stroke, rect.x, rect.y, rect.width, rect.height, lineWidth, on, off, 0, colour);
  }

  /**
   * One piece of a polyline from point 0 to 1; `offset` leads from each point to the ribbon's edge. Pieces that share a
   * point and its offset meet without a gap and without covering a pixel twice.
   */
  ribbon(
    x0: number,
    y0: number,
    x1: number,
    y1: number,
    offset0: readonly [number, number],
    offset1: readonly [number, number],
    colour: number,
  ): void {
    this.#add(InstanceKind.ribbon, x0, y0, x1, y1, offset0[0], offset0[1], offset1[0], offset1[1], colour);
  }

  /** Texels of the atlas, one to one: `x` and `y` are whole numbers. */
  glyph(x: number, y: number, width: number, height: number, u: number, v: number, colour: number): void {
    this.#add(InstanceKind.glyph, x, y, width, height, u, v, 0, 0, colour);
  }

  #add(
    kind: number,
    g0: number,
    g1: number,
    g2: number,
    g3: number,
    p0: number,
    p1: number,
    p2: number,
    p3: number,
    colour: number,
  ): void {
    const at = this.#count * WORDS;
    if (at + WORDS > this.#floats.length) this.#grow();
    const floats = this.#floats;
    floats[at] = g0;
    floats[at + 1] = g1;
    floats[at + 2] = g2;
    floats[at + 3] = g3;
    floats[at + 4] = p0;
    floats[at + 5] = p1;
    floats[at + 6] = p2;
    floats[at + 7] = p3;
    floats.set(this.#clip, at + 8);
    this.#words[at + 12] = colour;
    this.#words[at + 13] = kind;
    this.#count++;
  }

  #grow(): void {
    const floats = new Float32Array(this.#floats.length * 2);
    floats.set(this.#floats);
    this.#floats = floats;
    this.#words = new Uint32Array(floats.buffer);
  }
}
