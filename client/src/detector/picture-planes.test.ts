import { describe, expect, it } from 'vitest';
import { planarPicture, yuvMatrix, type YuvMatrix } from './picture-planes.js';

function toRgb({ black, luma, cb, cr }: YuvMatrix, y: number, u: number, v: number): number[] {
  return [0, 1, 2].map((c) => luma * (y - black) + cb[c]! * (u - 128) + cr[c]! * (v - 128));
}

describe('yuvMatrix', () => {
  it.each([
    [{ matrix: 'bt709', fullRange: false }, 235, 16],
    [{ matrix: 'bt709', fullRange: true }, 255, 0],
    [{ matrix: 'smpte170m', fullRange: false }, 235, 16],
    [{ matrix: null, fullRange: null }, 235, 16],
  ])('%o: white is 1, black is 0, grey has no colour', (space, white, black) => {
    const matrix = yuvMatrix(space);
    for (const value of toRgb(matrix, white, 128, 128)) expect(value).toBeCloseTo(1, 6);
    for (const value of toRgb(matrix, black, 128, 128)) expect(value).toBeCloseTo(0, 6);
  });

  // Red of 75 % colour bars, limited range: (Y, Cb, Cr) by each standard.
  it.each([
    ['bt709', 51, 109, 212],
    ['bt470bg', 65, 100, 212],
  ])('%s: the red of colour bars is red', (matrix, y, u, v) => {
    const [red, green, blue] = toRgb(yuvMatrix({ matrix, fullRange: false }), y, u, v);
    expect(red).toBeCloseTo(0.75, 1.7);
    expect(Math.abs(green!)).toBeLessThan(0.02);
    expect(Math.abs(blue!)).toBeLessThan(0.02);
  });
});

describe('planarPicture', () => {
  const data = new Uint8Array(64);

  it('finds the chroma of NV12 between each other, of I420 apart', () => {
    const nv12 = planarPicture(
      'NV12',
      data,
      [
        { offset: 0, stride: 8 },
        { offset: 32, stride: 8 },
      ],
      7,
      4,
    )!;
    expect(nv12.planes[2]).toEqual({ offset: 33, stride: 8, step: 2, width: 4, height: 2 });
    const layout = [0, 32, 40].map((offset, i) => ({ offset, stride: i ? 4 : 8 }));
    const i420 = planarPicture('I420', data, layout, 8, 4)!;
    expect(i420.planes.map(({ offset, step }) => [offset, step])).toEqual([
      [0, 1],
      [32, 1],
      [40, 1],
    ]);
  });

  it('takes red first, whatever the order in memory', () => {
    const layout = [{ offset: 0, stride: 16 }];
    expect(planarPicture('BGRX', data, layout, 4, 4)!.planes.map(({ offset }) => offset)).toEqual([2, 1, 0]);
    expect(planarPicture('RGBA', data, layout, 4, 4)!.planes.map(({ offset }) => offset)).toEqual([0, 1, 2]);
  });

  it('does not guess', () => {
    expect(planarPicture('I422', data, [], 4, 4)).toBeNull();
    expect(planarPicture(null, data, [], 4, 4)).toBeNull();
  });
});
