import { expect, test } from 'vitest';
import { GlyphAtlas, type RasterGlyph } from './glyph-atlas.js';

function atlas(side: number) {
  const drawn: string[] = [];
  const uploaded: [number, number][] = [];
  const made = new GlyphAtlas(
    side,
    (letter, font, fraction): RasterGlyph | null => {
      drawn.push(`${font} ${letter} ${fraction}`);
      return letter === ' ' ? null : { coverage: new Uint8Array(80), width: 8, height: 10, left: 0, top: -9 };
    },
    (u, v) => uploaded.push([u, v]),
  );
  return { made, drawn, uploaded };
}

test('a letter is drawn once for each quarter of a pixel', () => {
  const { made, drawn, uploaded } = atlas(64);
  expect(made.glyph('7', 'f', 3.02)).toEqual({
    glyph: { u: 0, v: 0, width: 8, height: 10, left: 0, top: -9 },
    penX: 3,
  });
  expect(made.glyph('7', 'f', 11.1)!.penX).toBe(11);
  expect(made.glyph('7', 'f', 11.3)!.glyph.u).toBe(9);
  expect(drawn).toEqual(['f 7 0', 'f 7 0.25']);
  expect(uploaded).toEqual([
    [0, 0],
    [9, 0],
  ]);
});

test('nearly the next pixel is the next pixel', () => {
  const { made, drawn } = atlas(64);
  expect(made.glyph('7', 'f', 3.9)!.penX).toBe(4);
  expect(drawn).toEqual(['f 7 0']);
});

test('fonts have letters of their own; a space is no glyph and is asked for once', () => {
  const { made, drawn } = atlas(64);
  made.glyph('7', 'f', 0);
  made.glyph('7', 'g', 0);
  expect(made.glyph(' ', 'f', 0)).toBeNull();
  expect(made.glyph(' ', 'f', 0)).toBeNull();
  expect(drawn).toEqual(['f 7 0', 'g 7 0', 'f   0']);
});

test('a full texture begins anew, and says so', () => {
  const { made, drawn } = atlas(20);
  for (const letter of ['1', '2']) made.glyph(letter, 'f', 0);
  expect(made.generation).toBe(0);
  made.glyph('3', 'f', 0);
  expect(made.generation).toBe(1);
  made.glyph('3', 'f', 0);
  made.glyph('1', 'f', 0);
  expect(drawn.map((entry) => entry[2])).toEqual(['1', '2', '3', '1']);
});
