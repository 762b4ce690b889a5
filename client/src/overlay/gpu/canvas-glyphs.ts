import type { MeasureText } from '../overlay-shapes.js';
import { textWidths } from '../text-widths.js';
import { GlyphAtlas, type Glyph, type RasterGlyph, type UploadGlyph } from './glyph-atlas.js';
import type { GlyphSource } from './pack-overlay.js';

/** Larger than any letter of the overlay at four device pixels per CSS pixel. */
const CELL_PX = 160;
const TEXTS = 2000;

/** The letters of the overlay, drawn with Canvas 2D: the same font as the other renderer's, so the same look. */
export class CanvasGlyphs implements GlyphSource {
  readonly measure: MeasureText;
  readonly atlas: GlyphAtlas;
  readonly #context: OffscreenCanvasRenderingContext2D;
  readonly #texts = new Map<string, { offsets: readonly number[]; baseline: number }>();
  #density = 1;

  /** @throws Error where there is no 2D context. */
  constructor(side: number, upload: UploadGlyph) {
    const context = new OffscreenCanvas(CELL_PX, CELL_PX).getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('no 2D context for letters');
    this.#context = context;
    this.measure = textWidths(context);
    this.atlas = new GlyphAtlas(side, (letter, font, fraction) => this.#rasterise(letter, font, fraction), upload);
  }

  /** Device pixels per CSS pixel; another one than before makes all letters anew. */
  setDensity(density: number): void {
    if (density === this.#density) return;
    this.#density = density;
    this.atlas.clear();
  }

  glyph(letter: string, font: string, x: number): { glyph: Glyph; penX: number } | null {
    return this.atlas.glyph(letter, font, x);
  }

  layOut(text: string, font: string): { offsets: readonly number[]; baseline: number } {
    const key = `${font}|${text}`;
    let made = this.#texts.get(key);
    if (!made) {
      const letters = Array.from(text);
      // The width of what is before a letter has the kerning in it.
      const offsets = letters.map((_, i) => (i === 0 ? 0 : this.measure(letters.slice(0, i).join(''), font)));
      this.#context.font = font;
      this.#context.textBaseline = 'alphabetic';
      const { fontBoundingBoxAscent, fontBoundingBoxDescent } = this.#context.measureText(text);
      // What textBaseline "middle" means: the middle of the font's own box.
      made = { offsets, baseline: (fontBoundingBoxAscent - fontBoundingBoxDescent) / 2 };
      if (this.#texts.size >= TEXTS) this.#texts.clear();
      this.#texts.set(key, made);
    }
    return made;
  }

  #rasterise(letter: string, font: string, fraction: number): RasterGlyph | null {
    const context = this.#context;
    const density = this.#density;
    context.font = font;
    context.textBaseline = 'alphabetic';
    const ink = context.measureText(letter);
    const left = Math.floor(-ink.actualBoundingBoxLeft * density) - 1;
    const top = Math.floor(-ink.actualBoundingBoxAscent * density) - 1;
    const width = Math.min(CELL_PX, Math.ceil(ink.actualBoundingBoxRight * density + fraction) + 1 - left);
    const height = Math.min(CELL_PX, Math.ceil(ink.actualBoundingBoxDescent * density) + 1 - top);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.setTransform(density, 0, 0, density, fraction - left, -top);
    context.fillStyle = '#ffffff';
    context.fillText(letter, 0, 0);
    context.setTransform(1, 0, 0, 1, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    const coverage = new Uint8Array(width * height);
    let hasInk = false;
    for (let i = 0; i < coverage.length; i++) {
      coverage[i] = data[4 * i + 3]!;
      hasInk ||= coverage[i]! > 0;
    }
    return hasInk ? { coverage, width, height, left, top } : null;
  }
}
