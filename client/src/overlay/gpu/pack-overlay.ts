import {
  DASH_PX,
  HALO,
  type OverlayShapes,
  PLATE,
  PLATE_RADIUS_PX,
  STRIPE_PX,
  type TextRun,
} from '../overlay-shapes.js';
import type { PicturePlace } from '../renderer.js';
import type { Glyph } from './glyph-atlas.js';
import type { InstanceList } from './instance-list.js';
import { packedColour } from './packed-colour.js';
import { ribbonOffsets } from './trail-ribbon.js';

/** What packing needs to know of letters. */
export interface GlyphSource {
  glyph(letter: string, font: string, x: number): { glyph: Glyph; penX: number } | null;
  /** Where each letter of a text begins, and how far the base line lies below its middle; CSS pixels. */
  layOut(text: string, font: string): { offsets: readonly number[]; baseline: number };
}

/** Adds the overlay of one picture to the list, in the order of drawing. Pure. */
export function packOverlay(
  list: InstanceList,
  { trails, boxes, labels }: OverlayShapes,
  { picture, density }: PicturePlace,
  glyphs: GlyphSource,
): void {
  const left = picture.x * density;
  const top = picture.y * density;
  const rect = (x: number, y: number, width: number, height: number) => ({
    x: left + x * density,
    y: top + y * density,
    width: width * density,
    height: height * density,
  });
  list.clipTo(rect(0, 0, picture.width, picture.height));
  for (const { colour, alpha, widthPx, points } of trails) {
    const packed = packedColour(colour, alpha);
    const at = points.map((value, i) => (i % 2 === 0 ? left : top) + value * density);
    const offsets = ribbonOffsets(at, (widthPx / 2) * density);
    for (let i = 1; i < offsets.length; i++)
      list.ribbon(at[2 * i - 2]!, at[2 * i - 1]!, at[2 * i]!, at[2 * i + 1]!, offsets[i - 1]!, offsets[i]!, packed);
  }
  const halo = packedColour(HALO);
  for (const box of boxes) {
    const place = rect(box.x, box.y, box.width, box.height);
    list.stroke(place, box.haloWidthPx * density, 1, 0, halo);
    const [on, off] = box.dashed ? DASH_PX : [1, 0];
    list.stroke(place, box.lineWidthPx * density, on * density, off * density, packedColour(box.colour, box.alpha));
  }
  const plate = packedColour(PLATE);
  for (const { x, y, width, height, colour, runs } of labels) {
    const back = rect(x, y, width, height);
    list.fill(back.x, back.y, back.width, back.height, PLATE_RADIUS_PX * density, plate);
    const stripe = rect(x, y + 1, STRIPE_PX, height - 2);
    list.fill(stripe.x, stripe.y, stripe.width, stripe.height, 0, packedColour(colour));
    for (const run of runs) packText(list, run, left, top, density, glyphs);
  }
}

function packText(
  list: InstanceList,
  { text, font, colour, x, y }: TextRun,
  left: number,
  top: number,
  density: number,
  glyphs: GlyphSource,
): void {
  const { offsets, baseline } = glyphs.layOut(text, font);
  const packed = packedColour(colour);
  const penY = Math.round(top + (y + baseline) * density);
  let i = 0;
  for (const letter of text) {
    const found = glyphs.glyph(letter, font, left + (x + offsets[i++]!) * density);
    if (!found) continue;
    const { glyph, penX } = found;
    list.glyph(penX + glyph.left, penY + glyph.top, glyph.width, glyph.height, glyph.u, glyph.v, packed);
  }
}
