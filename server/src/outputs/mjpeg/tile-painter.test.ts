import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import type { PublishedTrack } from '../../core/types.js';
import { Canvas } from './canvas.js';
import { fromRgb, THEME, trackColour } from './colour.js';
import { GlyphAtlas } from './glyphs.js';
import {
  boxOnCanvas,
  paintOutage,
  paintStrip,
  paintTracks,
  stripFigures,
  stripRect,
  tileStyle,
} from './tile-painter.js';
import type { TileStatus } from './tile-status.js';

const atlas = new GlyphAtlas(readFileSync(new URL('../../../assets/glyphs.bin.gz', import.meta.url)));
const GREY = fromRgb(0x808080);
const CELL = { x: 40, y: 20, width: 320, height: 180 };
const CONTENT = {
  sourceWidth: 1280,
  sourceHeight: 720,
  contentX: 0,
  contentY: 0,
  contentWidth: 320,
  contentHeight: 180,
};
const LIVE: TileStatus = { streamId: 'a', state: 'live', reason: null, fps: 24.84, dropRate: 0.034, sinceEpochMs: 0 };

const track = (id: number, box: PublishedTrack['box']): PublishedTrack => ({
  id,
  class: 'car',
  score: 1,
  box,
  speedKmh: 50,
  speedSigmaKmh: 1,
});

function greyCanvas(): Canvas {
  const canvas = new Canvas(400, 240);
  canvas.fill(0, 0, 400, 240, GREY);
  return canvas;
}

/** Nothing outside the cell differs from the grey it began with. */
function expectUntouchedOutside(canvas: Canvas): void {
  for (let y = 0; y < 240; y++)
    for (let x = 0; x < 400; x++) {
      const within = x >= CELL.x && x < CELL.x + CELL.width && y >= CELL.y && y < CELL.y + CELL.height;
      if (!within && canvas.pixel(x, y).y !== GREY.y) throw new Error(`a pixel at ${x}, ${y} was drawn upon`);
    }
}

describe('boxOnCanvas', () => {
  it('scales source pixels to even canvas pixels', () => {
    expect(boxOnCanvas(track(1, [320, 180, 640, 360]), CONTENT, CELL)).toEqual({
      x: 120,
      y: 66,
      width: 160,
      height: 90,
    });
  });

  it('minds a letterboxed picture', () => {
    const content = { ...CONTENT, contentX: 40, contentWidth: 240 };
    expect(boxOnCanvas(track(1, [0, 0, 1280, 720]), content, CELL)).toEqual({ x: 80, y: 20, width: 240, height: 180 });
  });
});

describe('paintTracks', () => {
  it('draws the box in the colour of the track and its label above it', () => {
    const canvas = greyCanvas();
    paintTracks(canvas, tileStyle(atlas, 320), [track(5, [320, 320, 320, 160])], CONTENT, CELL, []);
    expect(canvas.pixel(120, 120)).toEqual(trackColour(5));
    expect(canvas.pixel(199, 120)).toEqual(trackColour(5));
    expect(canvas.pixel(160, 120)).toEqual(GREY);
    // The label's plate is dark, its letters are light.
    const label = Array.from({ length: 60 }, (_, x) => canvas.pixel(124 + x, 92).y);
    expect(Math.min(...label)).toBeLessThan(50);
    expect(Math.max(...label)).toBeGreaterThan(200);
  });

  it('stays inside the tile with boxes that do not, and with a crowd', () => {
    const canvas = greyCanvas();
    const tracks = [
      track(1, [-200, -100, 400, 200]),
      track(2, [1200, 650, 400, 200]),
      track(3, [-10_000, 300, 90_000, 10]),
      track(4, [5000, 5000, 10, 10]),
      ...Array.from({ length: 80 }, (_, i) => track(10 + i, [(i * 97) % 1280, (i * 61) % 720, 90, 60])),
    ];
    paintTracks(canvas, tileStyle(atlas, 320), tracks, CONTENT, CELL, []);
    expectUntouchedOutside(canvas);
  });
});

describe('paintStrip', () => {
  it('shows the state as a colour at the left', () => {
    for (const [state, colour] of [
      ['live', THEME.live],
      ['stalled', THEME.waiting],
      ['failed', THEME.lost],
    ] as const) {
      const canvas = greyCanvas();
      const style = tileStyle(atlas, 320);
      paintStrip(canvas, style, { ...LIVE, state }, CELL);
      const strip = stripRect(style, CELL);
      expect(canvas.pixel(CELL.x + 8, strip.y + strip.height / 2)).toEqual(colour);
      expectUntouchedOutside(canvas);
    }
  });

  it.each([
    [LIVE, false, '24.8 fps   drop 3.4 %'],
    [{ ...LIVE, dropRate: 0 }, false, '24.8 fps   drop 0 %'],
    [{ ...LIVE, dropRate: 1 }, false, '24.8 fps   drop 100 %'],
    [{ ...LIVE, fps: Number.NaN, dropRate: Number.NaN }, false, '0.0 fps   drop 0 %'],
    [LIVE, true, '24.8 fps'],
    [{ ...LIVE, state: 'backoff' as const }, true, 'BACKOFF'],
  ])('%j, compact %s, reads %s', (status, compact, text) => {
    expect(stripFigures(status, compact)).toBe(text);
  });
});

describe('paintOutage', () => {
  it.each([320, 120, 40])('fits a cell of %d pixels with any reason', (width) => {
    const canvas = greyCanvas();
    const cell = { ...CELL, width, height: 2 * Math.floor((width * 9) / 32) };
    const outage = {
      title: 'NO SIGNAL',
      reason: 'The camera refused the password; '.repeat(20),
      since: 'since 14:03:20, 4 s',
    };
    paintOutage(canvas, tileStyle(atlas, width), outage, cell);
    expectUntouchedOutside(canvas);
    expect(canvas.pixel(cell.x + 1, cell.y + cell.height - 2).y).toBeLessThan(60);
  });
});
