import type { Frame } from 'node-av/lib';
import { afterEach, expect, it } from 'vitest';
import { LanecastError } from '../../../core/errors.js';
import { seededRandom } from '../../../core/random.js';
import { VideoDecoder } from '../../../ingest/decode/decoder.js';
import { quietFfmpeg } from '../../../ops/quiet-ffmpeg.js';
import { H264Encoder, hasH264Encoder } from './h264-encoder.js';

quietFfmpeg();

const WIDTH = 320;
const HEIGHT = 180;
const SPS = 7;
const PPS = 8;
const IDR = 5;

let encoder: H264Encoder | null = null;
afterEach(() => encoder?.close());

/** A bright square that moves over grey. */
function picture(at: number): Uint8Array {
  const bytes = new Uint8Array((WIDTH * HEIGHT * 3) / 2).fill(128);
  for (let y = 40; y < 100; y++) bytes.fill(220, y * WIDTH + at, y * WIDTH + at + 60);
  return bytes;
}

const types = (nals: readonly Uint8Array[]): number[] => nals.map((nal) => nal[0]! & 0x1f);

it('is there', () => {
  expect(hasH264Encoder()).toBe(true);
});

it('gives every picture back in the call that brought it, decodable, at its own time', () => {
  encoder = new H264Encoder(WIDTH, HEIGHT, 25);
  const decoder = new VideoDecoder('h264', WIDTH * HEIGHT);
  const times: number[] = [];
  const lumas: number[] = [];
  const see = (frame: Frame, ptsUs: number): void => {
    times.push(ptsUs);
    lumas.push(frame.data![0]![70 * frame.linesize[0]! + times.length + 20]!);
  };
  for (let i = 0; i < 30; i++) {
    const { nals, isKeyframe } = encoder.encode(picture(i), 1_000_000 + i * 40_000, i === 0 || i === 12);
    expect(isKeyframe).toBe(i === 0 || i === 12);
    expect(types(nals)).toEqual(isKeyframe ? [SPS, PPS, IDR] : [1]);
    const unit = Buffer.concat(nals.flatMap((nal) => [Buffer.of(0, 0, 0, 1), nal]));
    expect(decoder.decode(unit, 1_000_000 + i * 40_000, isKeyframe, see)).toBe(true);
  }
  decoder.close();
  expect(times).toEqual(Array.from({ length: 30 }, (_, i) => 1_000_000 + i * 40_000));
  for (const luma of lumas) expect(Math.abs(luma - 220)).toBeLessThan(12);
});

it('is Constrained Baseline, which every browser decodes', () => {
  encoder = new H264Encoder(WIDTH, HEIGHT, 25);
  const [sps] = encoder.encode(picture(0), 0, true).nals;
  expect(sps![1]).toBe(66);
  // constraint_set1_flag (H.264, A.2.1.1)
  expect(sps![2]! & 0x40).toBe(0x40);
});

it('keeps to its bit rate even with noise', () => {
  encoder = new H264Encoder(WIDTH, HEIGHT, 25);
  const random = seededRandom(3);
  let bytes = 0;
  for (let i = 0; i < 75; i++) {
    const noise = Uint8Array.from({ length: (WIDTH * HEIGHT * 3) / 2 }, () => 16 + Math.floor(random() * 219));
    for (const nal of encoder.encode(noise, i * 40_000, i % 50 === 0).nals) bytes += nal.length;
  }
  // Three seconds at the least rate that there is, and half a second's grace.
  expect(bytes * 8).toBeLessThan(3.6 * 500_000);
});

it('refuses what cannot be encoded, and may be closed twice', () => {
  expect(() => new H264Encoder(0, 0, 25)).toThrow(LanecastError);
  const closed = new H264Encoder(WIDTH, HEIGHT, 25);
  closed.close();
  closed.close();
});
