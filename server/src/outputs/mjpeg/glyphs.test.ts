import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { Canvas } from './canvas.js';
import { THEME } from './colour.js';
import { GlyphAtlas } from './glyphs.js';

const atlas = new GlyphAtlas(readFileSync(new URL('../../../assets/glyphs.bin.gz', import.meta.url)));
const font = atlas.atMost(14);

function ink(text: string): string {
  const canvas = new Canvas(64, 24);
  font.draw(canvas, 2, 2, text, THEME.text);
  return canvas.data.toString('latin1');
}

describe('GlyphAtlas', () => {
  it('picks the largest font that is not too large', () => {
    expect(atlas.fonts.map(({ sizePx }) => sizePx)).toEqual([10, 12, 14, 18, 26]);
    expect([1, 13, 14, 100].map((size) => atlas.atMost(size).sizePx)).toEqual([10, 12, 14, 26]);
  });

  it('refuses other files', () => {
    expect(() => new GlyphAtlas(gzipSync('PNG...'))).toThrow(RangeError);
  });
});

describe('Font', () => {
  it('draws inside its line box and its measured width', () => {
    for (const each of atlas.fonts) {
      const text = 'Ájgpq#@|ÿ_0';
      const canvas = new Canvas(400, 80);
      const end = each.draw(canvas, 20, 20, text, THEME.text);
      expect(end).toBe(20 + each.measure(text));
      let inked = 0;
      for (let y = 0; y < 80; y++)
        for (let x = 0; x < 400; x++) {
          if (canvas.pixel(x, y).y === 0) continue;
          inked++;
          expect(y).toBeGreaterThanOrEqual(20);
          expect(y).toBeLessThan(20 + each.lineHeightPx);
          expect(x).toBeGreaterThanOrEqual(19);
          expect(x).toBeLessThanOrEqual(end);
        }
      expect(inked).toBeGreaterThan(100);
    }
  });

  it('knows Latin-1 and draws a question mark for anything else', () => {
    expect(ink('é')).not.toBe(ink('e'));
    expect(ink('é')).not.toBe(ink('?'));
    for (const character of ['車', '\u0001', '\u0090', '🚗']) expect(ink(character)).toBe(ink('?'));
    expect(ink('Łódź')).toBe(ink('?ód?'));
  });

  it('shortens what does not fit', () => {
    expect(font.shorten('short', 200)).toBe('short');
    const shortened = font.shorten('a rather long name of a camera', 90);
    expect(shortened).toMatch(/^a r.*\.\.\.$/);
    expect(font.measure(shortened)).toBeLessThanOrEqual(90);
    expect(font.shorten('wide', 3)).toBe('');
  });

  it('wraps at spaces, inside words that are too long, and ends with an ellipsis', () => {
    const text = 'The camera refused the password; check it';
    const lines = font.wrap(text, 120, 9);
    expect(lines.join(' ')).toBe(text);
    for (const line of lines) expect(font.measure(line)).toBeLessThanOrEqual(120);
    expect(font.wrap('x'.repeat(50), 60, 99).join('')).toBe('x'.repeat(50));
    expect(font.wrap(text, 120, 2)).toHaveLength(2);
    expect(font.wrap(text, 120, 2)[1]).toMatch(/\.\.\.$/);
    expect(font.wrap(text, 120, 0)).toEqual([]);
    expect(font.wrap('  ', 120, 3)).toEqual([]);
  });
});
