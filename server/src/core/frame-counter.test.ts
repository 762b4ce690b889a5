import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  drawFrameCounter,
  FRAME_COUNTER_PERIOD,
  frameCounterCells,
  frameCounterLayout,
  readFrameCounter,
  type CounterPicture,
} from './frame-counter.js';
import { normal, seededRandom } from './random.js';

const frameNumbers = fc.integer({ min: 0, max: FRAME_COUNTER_PERIOD - 1 });

/** A bright, uneven picture with the strip in it, as a luma plane whose rows are padded. */
function picture(frameNo: number, width = 640, height = 360): CounterPicture {
  const rgb = new Uint8Array(3 * width * height);
  for (let k = 0; k < rgb.length; k++) rgb[k] = 120 + ((k * 7919) % 97);
  drawFrameCounter(rgb, width, frameNo);
  const stride = width + 13;
  const data = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data[y * stride + x] = 16 + Math.round(rgb[3 * (y * width + x)]! * (219 / 255));
  return { data, width, height, stride, channels: 1 };
}

/** Box-filtered to half the size. */
function halved({ data, width, height, stride }: CounterPicture): CounterPicture {
  const half = new Uint8Array((width * height) / 4);
  for (let y = 0; y < height / 2; y++) {
    for (let x = 0; x < width / 2; x++) {
      const at = 2 * y * stride + 2 * x;
      half[(y * width) / 2 + x] = (data[at]! + data[at + 1]! + data[at + stride]! + data[at + stride + 1]!) / 4;
    }
  }
  return { data: half, width: width / 2, height: height / 2, stride: width / 2, channels: 1 };
}

describe('frameCounterCells', () => {
  it('changes one code cell and the parity cell from number to number, and has odd parity', () => {
    fc.assert(
      fc.property(frameNumbers, (frameNo) => {
        const now = frameCounterCells(frameNo);
        const next = frameCounterCells(frameNo + 1);
        expect(now).toHaveLength(16);
        expect(now.filter(Boolean).length % 2).toBe(1);
        expect(now.slice(0, 15).filter((cell, k) => cell !== next[k])).toHaveLength(1);
        expect(now[15]).not.toBe(next[15]);
      }),
    );
  });

  it('has cells of 8 px at 640 and of 24 px at 1920', () => {
    expect(frameCounterLayout(640)).toMatchObject({
      cellPx: 8,
      xPx: 8,
      yPx: 8,
      coveredWidthPx: 140,
      coveredHeightPx: 20,
    });
    expect(frameCounterLayout(1920).cellPx).toBe(24);
  });
});

describe('readFrameCounter', () => {
  it('reads what was drawn, whole and at half the size', () => {
    fc.assert(
      fc.property(frameNumbers, (frameNo) => {
        const whole = picture(frameNo, 640, 64);
        expect(readFrameCounter(whole)).toBe(frameNo);
        expect(readFrameCounter(halved(whole))).toBe(frameNo);
      }),
      { numRuns: 40 },
    );
  });

  it('reads RGBA', () => {
    const width = 960;
    const height = 540;
    const rgb = new Uint8Array(3 * width * height).fill(200);
    drawFrameCounter(rgb, width, 12_345);
    const data = new Uint8ClampedArray(4 * width * height).fill(255);
    for (let p = 0; p < width * height; p++) data.set(rgb.subarray(3 * p, 3 * p + 3), 4 * p);
    expect(readFrameCounter({ data, width, height, stride: 4 * width, channels: 4 })).toBe(12_345);
  });

  it('reads through strong noise and a dull picture', () => {
    const random = seededRandom(3);
    for (let frameNo = 0; frameNo < FRAME_COUNTER_PERIOD; frameNo += 997) {
      const noisy = picture(frameNo, 640, 64);
      for (let k = 0; k < noisy.data.length; k++) noisy.data[k] = 50 + 0.5 * noisy.data[k]! + 14 * normal(random);
      expect(readFrameCounter(noisy)).toBe(frameNo);
    }
  });

  it('starts again after its period', () => {
    expect(readFrameCounter(picture(FRAME_COUNTER_PERIOD + 5))).toBe(5);
  });

  it('says null where one cell is wrong, so that parity fails', () => {
    const wrong = picture(1000);
    for (let y = 8; y < 16; y++)
      for (let x = 8 + 5 * 8; x < 8 + 6 * 8; x++) {
        const at = y * wrong.stride + x;
        wrong.data[at] = 251 - wrong.data[at]!;
      }
    expect(readFrameCounter(wrong)).toBeNull();
  });

  it('says null where a cell is grey', () => {
    const blended = picture(1000);
    for (let y = 8; y < 16; y++) blended.data.fill(125, y * blended.stride + 48, y * blended.stride + 56);
    expect(readFrameCounter(blended)).toBeNull();
  });

  it('says null without contrast, without the dark margin, and in a picture too small', () => {
    const flat = picture(7);
    flat.data.fill(90);
    expect(readFrameCounter(flat)).toBeNull();
    const bright = picture(7);
    for (let y = 0; y < 8; y++) bright.data.fill(235, y * bright.stride, y * bright.stride + 200);
    expect(readFrameCounter(bright)).toBeNull();
    expect(readFrameCounter(halved(halved(picture(7))))).toBeNull();
    expect(readFrameCounter({ ...picture(7), height: 10 })).toBeNull();
  });

  it('finds no number in noise', () => {
    const random = seededRandom(11);
    let found = 0;
    for (let round = 0; round < 200; round++) {
      const data = Uint8Array.from({ length: 320 * 24 }, () => 256 * random());
      if (readFrameCounter({ data, width: 320, height: 24, stride: 320, channels: 1 }) !== null) found++;
    }
    expect(found).toBe(0);
  });
});
