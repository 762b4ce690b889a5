import { gunzipSync } from 'node:zlib';

import type { Canvas } from './canvas.js';
import type { Colour } from './colour.js';

// U+0020..U+007E and U+00A0..U+00FF, in this order in the file.
const ASCII_COUNT = 0x7f - 0x20;
const GLYPH_COUNT = ASCII_COUNT + 0x60;
const FALLBACK = '?'.charCodeAt(0) - 0x20;
const GLYPH_HEADER_BYTES = 6;

function glyphIndex(code: number): number {
  if (code >= 0x20 && code < 0x7f) return code - 0x20;
  if (code >= 0xa0 && code <= 0xff) return code - 0xa0 + ASCII_COUNT;
  return FALLBACK;
}

/** One size of the letters: anti-aliased Latin-1; anything else is drawn as `?`. */
export class Font {
  readonly sizePx: number;
  readonly ascentPx: number;
  readonly lineHeightPx: number;
  readonly #bytes: Buffer;
  /** Where each glyph begins in `#bytes`. */
  readonly #offsets: readonly number[];

  constructor(sizePx: number, ascentPx: number, lineHeightPx: number, bytes: Buffer, offsets: readonly number[]) {
    this.sizePx = sizePx;
    this.ascentPx = ascentPx;
    this.lineHeightPx = lineHeightPx;
    this.#bytes = bytes;
    this.#offsets = offsets;
  }

  /** Width of a text in whole pixels. */
  measure(text: string): number {
    let advance = 0;
    for (const character of text) advance += this.#bytes.readUInt16LE(this.#glyph(character));
    return Math.ceil(advance / 64);
  }

  /** Draws a text whose line box begins at `x`, `y`; returns the x where it ends. */
  draw(canvas: Canvas, x: number, y: number, text: string, colour: Colour): number {
    const bytes = this.#bytes;
    let pen = 64 * Math.round(x);
    const baseline = Math.round(y) + this.ascentPx;
    for (const character of text) {
      const glyph = this.#glyph(character);
      const width = bytes[glyph + 4]!;
      if (width > 0) {
        const left = ((pen + 32) >> 6) + bytes.readInt8(glyph + 2);
        const top = baseline + bytes.readInt8(glyph + 3);
        canvas.stamp(bytes, glyph + GLYPH_HEADER_BYTES, width, bytes[glyph + 5]!, left, top, colour);
      }
      pen += bytes.readUInt16LE(glyph);
    }
    return Math.ceil(pen / 64);
  }

  /** The text, or as much of its beginning as fits with an ellipsis; empty if not even that fits. */
  shorten(text: string, maxWidthPx: number): string {
    if (this.measure(text) <= maxWidthPx) return text;
    const characters = Array.from(text);
    while (characters.length > 0) {
      characters.pop();
      const candidate = `${characters.join('').trimEnd()}...`;
      if (characters.length > 0 && this.measure(candidate) <= maxWidthPx) return candidate;
    }
    return '';
  }

  /** Breaks a text into at most `maxLines` lines at spaces (inside a word where one alone is too long). */
  wrap(text: string, maxWidthPx: number, maxLines: number): string[] {
    const lines: string[] = [];
    let rest = text.trim().replace(/\s+/g, ' ');
    while (rest !== '' && lines.length < maxLines) {
      if (lines.length === maxLines - 1 || this.measure(rest) <= maxWidthPx) {
        const last = this.shorten(rest, maxWidthPx);
        if (last !== '') lines.push(last);
        break;
      }
      let fits = 1;
      while (fits < rest.length && this.measure(rest.slice(0, fits + 1)) <= maxWidthPx) fits++;
      const space = rest.lastIndexOf(' ', fits);
      const end = space > 0 ? space : fits;
      lines.push(rest.slice(0, end));
      rest = rest.slice(end).trimStart();
    }
    return lines;
  }

  #glyph(character: string): number {
    return this.#offsets[glyphIndex(character.codePointAt(0)!)]!;
  }
}

/** The letters of `assets/glyphs.bin.gz` (the format is described in `scripts/tools/make-glyph-atlas.mjs`). */
export class GlyphAtlas {
  /** Ascending by size. */
  readonly fonts: readonly Font[];

  /** Throws a RangeError for bytes that are no atlas. */
  constructor(packed: Uint8Array) {
    const bytes = gunzipSync(packed);
    if (bytes.toString('latin1', 0, 4) !== 'LCGA' || bytes[4] !== 1)
      throw new RangeError('The glyph atlas has an unknown format; make it again with make-glyph-atlas.mjs');
    const fonts: Font[] = [];
    let at = 6;
    for (let count = bytes[5]!; count > 0; count--) {
      const [size, ascent, lineHeight] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!];
      at += 4;
      const offsets: number[] = [];
      for (let glyph = 0; glyph < GLYPH_COUNT; glyph++) {
        offsets.push(at);
        at += GLYPH_HEADER_BYTES + bytes.readUInt8(at + 4) * bytes.readUInt8(at + 5);
      }
      fonts.push(new Font(size, ascent, lineHeight, bytes, offsets));
    }
    this.fonts = fonts;
  }

  /** The largest font of at most `sizePx`, else the smallest there is. */
  atMost(sizePx: number): Font {
    return this.fonts.findLast((font) => font.sizePx <= sizePx) ?? this.fonts[0]!;
  }
}
