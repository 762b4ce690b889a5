import { AV_PIX_FMT_YUV420P } from 'node-av/constants';
import { Frame } from 'node-av/lib';
import { afterEach, describe, expect, it } from 'vitest';
import { quietFfmpeg } from '../../ops/quiet-ffmpeg.js';
import { FrameScaler, i420Planes } from './scaler.js';

quietFfmpeg();

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A frame of one colour. */
function plainFrame(width: number, height: number, luma: number, chroma = 128): Frame {
  const frame = new Frame();
  cleanups.push(() => frame.free());
  frame.alloc();
  frame.width = width;
  frame.height = height;
  frame.format = AV_PIX_FMT_YUV420P;
  frame.allocBuffer();
  frame.data!.forEach((plane, i) => plane.fill(i === 0 ? luma : chroma));
  return frame;
}

function scalerInto(width: number, height: number) {
  const scaler = new FrameScaler();
  cleanups.push(() => scaler.close());
  const picture = new Uint8Array((width * height * 3) / 2);
  return { scaler, picture, target: i420Planes(picture, width, height, true) };
}

describe('FrameScaler', () => {
  it('scales into memory of the caller and widens the range of values', () => {
    const { scaler, picture, target } = scalerInto(64, 32);
    expect(scaler.scale(plainFrame(200, 100, 235), target)).toBe(true);
    expect(new Set(picture.subarray(0, 64 * 32))).toEqual(new Set([255]));
    // The range of colour is widened too: its middle may be rounded down.
    for (const value of picture.subarray(64 * 32)) expect(Math.abs(value - 128)).toBeLessThanOrEqual(1);
  });

  it('takes what cannot be scaled for a picture it cannot read', () => {
    const { scaler } = scalerInto(64, 32);
    const nothing = { ...i420Planes(new Uint8Array(0), 0, 0, true) };
    expect(scaler.scale(plainFrame(200, 100, 100), nothing)).toBe(false);
  });

  it('leaks nothing of sizes that are gone, however often a camera changes its own', async () => {
    const { scaler, target } = scalerInto(320, 192);
    const frames = Array.from({ length: 20 }, (_, i) => plainFrame(320 + 16 * i, 192 + 16 * i, 100));
    const changeSizes = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i++) {
        expect(scaler.scale(frames[i % frames.length]!, target)).toBe(true);
        // Between turns of the event loop V8 gives back the views of pictures that were freed.
        if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await changeSizes(800);
    const before = process.memoryUsage.rss();
    await changeSizes(1600);
    // A context takes 60 KB: leaked, they would be 96 MB.
    expect(process.memoryUsage.rss() - before).toBeLessThan(48 << 20);
  });

  it('scales nothing once it is closed, which may be twice', () => {
    const { scaler, target } = scalerInto(64, 32);
    scaler.close();
    scaler.close();
    expect(scaler.scale(plainFrame(64, 32, 100), target)).toBe(false);
  });
});
