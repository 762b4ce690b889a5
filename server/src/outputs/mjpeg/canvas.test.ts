import { describe, expect, it } from 'vitest';

import { Canvas } from './canvas.js';
import { fromRgb } from './colour.js';

const RED = fromRgb(0xff0000);
const WHITE = fromRgb(0xffffff);
const BLACK = { y: 0, u: 128, v: 128 };

describe('Canvas', () => {
  it('begins black and fills exactly the pixels of a rectangle', () => {
    const canvas = new Canvas(16, 8);
    expect(canvas.data).toHaveLength(16 * 8 * 1.5);
    canvas.fill(4, 2, 6, 4, RED);
    expect(canvas.pixel(4, 2)).toEqual(RED);
    expect(canvas.pixel(9, 5)).toEqual(RED);
    for (const [x, y] of [
      [3, 2],
      [10, 2],
      [4, 1],
      [4, 6],
    ] as const)
      expect(canvas.pixel(x, y)).toEqual(BLACK);
  });

  it('has chroma for the last column and row of an odd size', () => {
    const canvas = new Canvas(5, 3);
    canvas.fill(0, 0, 5, 3, RED);
    expect(canvas.pixel(4, 2)).toEqual(RED);
    expect(canvas.data).toHaveLength(15 + 2 * 6);
  });

  it('mixes by alpha', () => {
    const canvas = new Canvas(4, 4);
    canvas.fill(0, 0, 4, 4, WHITE, 128);
    expect(canvas.pixel(1, 1).y).toBe(127);
  });

  it('clips whatever reaches beyond the picture or the clip', () => {
    const canvas = new Canvas(8, 8);
    canvas.clip({ x: 2, y: 2, width: 4, height: 4 });
    canvas.fill(-100, -100, 1000, 1000, WHITE);
    canvas.outline(-3, -3, 14, 14, 2, RED);
    canvas.stamp(new Uint8Array(400).fill(255), 0, 20, 20, -5, -5, RED);
    expect(canvas.pixel(1, 4)).toEqual(BLACK);
    expect(canvas.pixel(6, 4)).toEqual(BLACK);
    expect(canvas.pixel(3, 3).y).toBe(RED.y);
    canvas.clip();
    canvas.fill(0, 0, 1, 1, WHITE);
    expect(canvas.pixel(0, 0).y).toBe(255);
  });

  it('draws an outline of two pixels with a dark rim on both sides', () => {
    const canvas = new Canvas(32, 32);
    canvas.fill(0, 0, 32, 32, WHITE);
    canvas.outline(8, 8, 16, 16, 2, RED);
    const row = Array.from({ length: 12 }, (_, x) => canvas.pixel(x + 4, 16).y);
    expect(row.slice(0, 3)).toEqual([255, 255, 255]);
    expect(row[3]).toBeLessThan(130);
    expect(row.slice(4, 6)).toEqual([RED.y, RED.y]);
    expect(row[6]).toBeLessThan(130);
    expect(row.slice(7)).toEqual([255, 255, 255, 255, 255]);
    expect(canvas.pixel(16, 16)).toEqual(WHITE);
    expect(canvas.pixel(23, 23)).toEqual(RED);
  });

  it('copies a picture plane by plane to its place', () => {
    const picture = new Canvas(4, 4);
    picture.fill(0, 0, 4, 4, RED);
    picture.fill(2, 2, 2, 2, WHITE);
    const canvas = new Canvas(12, 8);
    canvas.copy(picture.data, 4, 4, 6, 2);
    expect(canvas.pixel(6, 2)).toEqual(RED);
    expect(canvas.pixel(9, 5)).toEqual(WHITE);
    expect(canvas.pixel(5, 2)).toEqual(BLACK);
    expect(canvas.pixel(10, 5)).toEqual(BLACK);
  });

  it('blends a coverage bitmap', () => {
    const canvas = new Canvas(8, 8);
    canvas.stamp(Uint8Array.of(0, 128, 255, 255), 0, 2, 2, 2, 2, WHITE);
    expect([canvas.pixel(2, 2).y, canvas.pixel(3, 2).y, canvas.pixel(2, 3).y]).toEqual([0, 128, 255]);
  });

  it('draws upon bytes that are given, and refuses too few', () => {
    const bytes = new Uint8Array(6);
    new Canvas(2, 2, bytes).fill(0, 0, 2, 2, RED);
    expect([...bytes]).toEqual([76, 76, 76, 76, 85, 255]);
    expect(() => new Canvas(4, 4, bytes)).toThrow(RangeError);
  });
});
