import { describe, expect, it } from 'vitest';
import { LetterboxPainter, PAD_LEVEL } from './letterbox-painter.js';
import { planarPicture, yuvMatrix, type PlanarPicture } from './picture-planes.js';

const bt709 = yuvMatrix({ matrix: 'bt709', fullRange: false });

/** A picture of one colour in I420. */
function flat(width: number, height: number, y: number, u = 128, v = 128): PlanarPicture {
  const chroma = (width / 2) * (height / 2);
  const data = new Uint8Array(width * height + 2 * chroma);
  data.fill(y, 0, width * height);
  data.fill(u, width * height, width * height + chroma);
  data.fill(v, width * height + chroma);
  const layout = [
    { offset: 0, stride: width },
    { offset: width * height, stride: width / 2 },
    { offset: width * height + chroma, stride: width / 2 },
  ];
  return planarPicture('I420', data, layout, width, height)!;
}

const at = (painter: LetterboxPainter, channel: number, x: number, y: number): number =>
  painter.input[(channel * painter.height + y) * painter.width + x]!;

describe('LetterboxPainter', () => {
  it('paints the content where the server does, and grey around it', () => {
    const painter = new LetterboxPainter(64, 64);
    const box = painter.paint(flat(128, 72, 235), bt709);
    expect(box).toMatchObject({ contentX: 0, contentY: 14, contentWidth: 64, contentHeight: 36 });
    expect(at(painter, 1, 10, 13)).toBeCloseTo(PAD_LEVEL, 6);
    expect(at(painter, 1, 10, 14)).toBeCloseTo(1, 5);
    expect(at(painter, 1, 10, 49)).toBeCloseTo(1, 5);
    expect(at(painter, 1, 10, 50)).toBeCloseTo(PAD_LEVEL, 6);
  });

  it('clears what an earlier shape had painted', () => {
    const painter = new LetterboxPainter(64, 64);
    painter.paint(flat(64, 64, 16), bt709);
    painter.paint(flat(128, 72, 235), bt709);
    expect(at(painter, 0, 0, 0)).toBeCloseTo(PAD_LEVEL, 6);
  });

  it('keeps a ramp a ramp, scaled down and up', () => {
    for (const [width, height] of [
      [200, 100],
      [50, 26],
    ] as const) {
      const picture = flat(width, height, 0);
      for (let i = 0; i < width * height; i++) picture.data[i] = 16 + (219 * (i % width)) / (width - 1);
      const painter = new LetterboxPainter(96, 64);
      const { contentWidth, contentY } = painter.paint(picture, bt709);
      for (const x of [8, contentWidth / 2, contentWidth - 8]) {
        const place = ((x + 0.5) * width) / contentWidth - 0.5;
        expect(Math.abs(at(painter, 0, x, contentY + 4) - place / (width - 1))).toBeLessThan(0.006);
      }
    }
  });

  it('gives the same for a colour in every layout', () => {
    const [y, u, v] = [120, 90, 170];
    const fromYuv = new LetterboxPainter(32, 32);
    fromYuv.paint(flat(64, 64, y, u, v), bt709);
    const rgb = [0, 1, 2].map((channel) => at(fromYuv, channel, 16, 16));
    const data = new Uint8Array(64 * 64 * 4);
    for (let i = 0; i < 64 * 64; i++) data.set([...rgb.map((value) => 255 * value).reverse(), 255], 4 * i);
    const fromBgra = new LetterboxPainter(32, 32);
    fromBgra.paint(planarPicture('BGRA', data, [{ offset: 0, stride: 256 }], 64, 64)!, bt709);
    for (let channel = 0; channel < 3; channel++)
      expect(Math.abs(at(fromBgra, channel, 16, 16) - rgb[channel]!)).toBeLessThan(0.005);
  });
});
