import { expect, test } from 'vitest';
import type { OverlayShapes } from '../overlay-shapes.js';
import { INSTANCE_BYTES, InstanceKind, InstanceList } from './instance-list.js';
import { type GlyphSource, packOverlay } from './pack-overlay.js';
import { packedColour } from './packed-colour.js';

/** Letters of 8 x 10 texels, 6 CSS pixels apart, the base line 4 below the middle; a space has no ink. */
const glyphs: GlyphSource = {
  glyph: (letter, _font, x) =>
    letter === ' '
      ? null
      : { penX: Math.floor(x), glyph: { u: letter.charCodeAt(0), v: 20, width: 8, height: 10, left: -1, top: -9 } },
  layOut: (text) => ({ offsets: Array.from(text, (_, i) => i * 6), baseline: 4 }),
};
const place = {
  picture: { x: 100, y: 50, width: 200, height: 100 },
  room: { x: 100, y: 40, width: 200, height: 120 },
  density: 2,
};

function packed(shapes: Partial<OverlayShapes>) {
  const list = new InstanceList();
  packOverlay(list, { trails: [], boxes: [], labels: [], ...shapes }, place, glyphs);
  const { buffer, byteLength } = list.bytes;
  return Array.from({ length: byteLength / INSTANCE_BYTES }, (_, i) => {
    const floats = new Float32Array(buffer, i * INSTANCE_BYTES, 12);
    const words = new Uint32Array(buffer, i * INSTANCE_BYTES + 48, 2);
    const part = (from: number): number[] => [...floats.subarray(from, from + 4)];
    return { geometry: part(0), parameters: part(4), clip: part(8), colour: words[0], kind: words[1] };
  });
}

const box = { x: 10, y: 20, width: 30, height: 40, colour: '#4cc9ff', alpha: 1, lineWidthPx: 2, haloWidthPx: 4 };

test('a box is a halo and a line, in device pixels of the wall, cut at its picture', () => {
  const [halo, line] = packed({ boxes: [{ ...box, dashed: false }] });
  expect(halo).toMatchObject({ kind: InstanceKind.stroke, geometry: [220, 140, 60, 80], parameters: [8, 1, 0, 0] });
  expect(line).toMatchObject({
    geometry: [220, 140, 60, 80],
    parameters: [4, 2, 0, 0],
    colour: packedColour('#4cc9ff'),
  });
  expect(line!.clip).toEqual([200, 100, 600, 300]);
});

test('dashes are as long as on the other renderer', () => {
  expect(packed({ boxes: [{ ...box, dashed: true }] })[1]!.parameters).toEqual([4, 10, 8, 0]);
});

test('a trail is one ribbon a step, each beginning where the one before ended', () => {
  const pieces = packed({ trails: [{ colour: '#ffffff', alpha: 0.5, widthPx: 2, points: [0, 0, 10, 0, 10, 10] }] });
  expect(pieces.map(({ kind }) => kind)).toEqual([InstanceKind.ribbon, InstanceKind.ribbon]);
  expect(pieces[0]!.geometry).toEqual([200, 100, 220, 100]);
  expect(pieces[1]!.geometry).toEqual([220, 100, 220, 120]);
  expect(pieces[0]!.parameters.slice(2)).toEqual(pieces[1]!.parameters.slice(0, 2));
});

test('a label is plate, stripe and letters; spaces take room only', () => {
  const run = { text: '7 k', font: 'f', colour: '#ffffff', x: 17, y: 30 };
  const parts = packed({ labels: [{ x: 10, y: 20, width: 60, height: 20, colour: '#4cc9ff', runs: [run] }] });
  const { fill, glyph } = InstanceKind;
  expect(parts.map(({ kind }) => kind)).toEqual([fill, fill, glyph, glyph]);
  expect(parts[0]).toMatchObject({ geometry: [220, 140, 120, 40], parameters: [6, 0, 0, 0] });
  expect(parts[1]).toMatchObject({ geometry: [220, 142, 5, 36] });
  // Pen at 200 + 17 * 2, base line at 100 + (30 + 4) * 2.
  expect(parts[2]!.geometry).toEqual([233, 159, 8, 10]);
  expect(parts[3]!.geometry[0]).toBe(233 + 24);
  expect(parts[3]!.parameters.slice(0, 2)).toEqual(['k'.charCodeAt(0), 20]);
});

test('the list grows past its first size and keeps what it has', () => {
  const parts = packed({ boxes: Array.from({ length: 700 }, (_, i) => ({ ...box, x: i, dashed: false })) });
  expect(parts.length).toBe(1400);
  expect(parts[0]!.geometry[0]).toBe(200);
  expect(parts[1399]!.geometry[0]).toBe(200 + 2 * 699);
});
