import { describe, expect, it } from 'vitest';

import { Canvas } from './canvas.js';
import { JpegEncoder, quantiserOf } from './jpeg-encoder.js';

describe('JpegEncoder', () => {
  it.each([
    [1, 31],
    [100, 1],
    [80, 7],
    [0, 31],
    [1000, 1],
  ])('quality %d is quantiser scale %d', (quality, quantiser) => {
    expect(quantiserOf(quality)).toBe(quantiser);
  });

  it('makes baseline JPEGs of the right size in buffers of their own, smaller with less quality', () => {
    const canvas = new Canvas(64, 36);
    for (let at = 0; at < canvas.data.length; at++) canvas.data[at] = (at * 2654435761) >>> 24;
    const sizes = [90, 20].map((quality) => {
      const encoder = new JpegEncoder(64, 36, quality);
      const jpeg = Buffer.from(encoder.encode(canvas.data));
      expect(encoder.encode(canvas.data).byteLength).toBe(jpeg.length);
      encoder.close();
      encoder.close();
      expect(jpeg.subarray(0, 2).toString('hex')).toBe('ffd8');
      expect(jpeg.subarray(-2).toString('hex')).toBe('ffd9');
      const frameHeader = jpeg.indexOf(Buffer.from('ffc0', 'hex'));
      expect([jpeg.readUInt16BE(frameHeader + 7), jpeg.readUInt16BE(frameHeader + 5)]).toEqual([64, 36]);
      return jpeg.length;
    });
    expect(sizes[1]).toBeLessThan(sizes[0]!);
  });
});
