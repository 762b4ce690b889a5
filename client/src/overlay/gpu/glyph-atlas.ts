import { ShelfPacker } from './shelf-packer.js';

/** One letter's coverage, row by row, and where it lies from the pen's point on the base line, device pixels. */
export interface RasterGlyph {
  coverage: Uint8Array<ArrayBuffer>;
  width: number;
  height: number;
  left: number;
  top: number;
}

/** A letter in the atlas. */
export interface Glyph {
  u: number;
  v: number;
  width: number;
  height: number;
  left: number;
  top: number;
}

/**
 * Draws a letter with its pen at `fraction` (0..1) of a device pixel; null for one without ink (a space).
 */
export type RasteriseGlyph = (letter: string, font: string, fraction: number) => RasterGlyph | null;

/** Puts coverage into the texture. */
export type UploadGlyph = (u: number, v: number, glyph: RasterGlyph) => void;

/** The pen is rounded to such parts of a pixel: finer ones look the same. */
const FRACTIONS = 4;

/**
 * The letters of the overlay in one texture, each drawn once, when it is first needed: they are few (digits, `km/h`, names
 * of classes), in few sizes. When the texture is full everything is drawn anew as it is needed.
 */
export class GlyphAtlas {
  /** Counts the times that all glyphs were forgotten: those got before are void. */
  generation = 0;
  readonly #packer: ShelfPacker;
  readonly #rasterise: RasteriseGlyph;
  readonly #upload: UploadGlyph;
  readonly #glyphs = new Map<string, Map<string, Glyph | null>>();

  constructor(side: number, rasterise: RasteriseGlyph, upload: UploadGlyph) {
    this.#packer = new ShelfPacker(side);
    this.#rasterise = rasterise;
    this.#upload = upload;
  }

  /** The letter for a pen at `x`, and the whole pixel that its `left` counts from; null for one without ink. */
  glyph(letter: string, font: string, x: number): { glyph: Glyph; penX: number } | null {
    const quarter = Math.round(x * FRACTIONS);
    const penX = Math.floor(quarter / FRACTIONS);
    const part = quarter - penX * FRACTIONS;
    const key = `${letter}${part}`;
    let glyph = this.#lettersOf(font).get(key);
    if (glyph === undefined) {
      glyph = this.#make(letter, font, part / FRACTIONS);
      // Making it may have forgotten all others, the font's too.
      this.#lettersOf(font).set(key, glyph);
    }
    return glyph && { glyph, penX };
  }

  clear(): void {
    this.#glyphs.clear();
    this.#packer.clear();
    this.generation++;
  }

  #lettersOf(font: string): Map<string, Glyph | null> {
    let letters = this.#glyphs.get(font);
    if (!letters) {
      letters = new Map<string, Glyph | null>();
      this.#glyphs.set(font, letters);
    }
    return letters;
  }

  #make(letter: string, font: string, fraction: number): Glyph | null {
    const raster = this.#rasterise(letter, font, fraction);
    if (!raster) return null;
    const { width, height, left, top } = raster;
    let spot = this.#packer.place(width, height);
    if (!spot) {
      this.clear();
      spot = this.#packer.place(width, height);
      // Larger than the whole texture: no letter of the overlay is.
      if (!spot) return null;
    }
    this.#upload(spot.x, spot.y, raster);
    return { u: spot.x, v: spot.y, width, height, left, top };
  }
}
