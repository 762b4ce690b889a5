/** The clips and their truth as they are in the repository. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as av from 'node-av/lib';
import { AVCOL_RANGE_MPEG, AVCOL_SPC_BT709, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { beforeAll, describe, expect, it } from 'vitest';
import { frameCounterLayout, readFrameCounter } from '@lanecast/server/core/frame-counter';
import { quietLibraries } from '../quiet-libraries.js';
import { clipRenderer, renderFrame } from './render-clip.js';
import { applyHomography } from './render/camera.js';
import { SCENES } from './scenes/scenes.js';
import { Truth } from './truth.js';

const WORLD = fileURLToPath(new URL('../../world', import.meta.url));
const CLIPS = join(WORLD, 'clips');
const clipOf = (name: string): string => join(CLIPS, `${name}.mp4`);
const truthOf = (name: string): string => join(WORLD, 'truth', `${name}.json.gz`);
const sizeOf = (directory: string): number =>
  readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);

interface Clip {
  profile: number;
  colourSpace: number;
  colourRange: number;
  /** In frames from the first. */
  times: number[];
  /** Packets that are not decoded in the order in which they are shown. */
  reordered: number;
  keyframes: number[];
  /** Of every frame the luma plane, without padding. */
  lumas: Uint8Array[];
  width: number;
  height: number;
}

async function decode(path: string): Promise<Clip> {
  quietLibraries();
  const input = new av.FormatContext();
  input.allocContext();
  av.FFmpegError.throwIfError(await input.openInput(path), 'open');
  await input.findStreamInfo();
  const stream = input.streams[input.findBestStream(AVMEDIA_TYPE_VIDEO)]!;
  const decoder = new av.CodecContext();
  decoder.allocContext3(av.Codec.findDecoder(stream.codecpar.codecId));
  decoder.parametersToContext(stream.codecpar);
  av.FFmpegError.throwIfError(await decoder.open2(null, null), 'decoder');
  const packet = new av.Packet();
  const frame = new av.Frame();
  packet.alloc();
  frame.alloc();
  const { width, height } = stream.codecpar;
  const ticks = stream.timeBase.den / stream.timeBase.num / 25;
  const clip: Clip = {
    profile: stream.codecpar.profile,
    colourSpace: stream.codecpar.colorSpace,
    colourRange: stream.codecpar.colorRange,
    times: [],
    reordered: 0,
    keyframes: [],
    lumas: [],
    width,
    height,
  };
  const drain = async (): Promise<void> => {
    while ((await decoder.receiveFrame(frame)) >= 0) {
      const luma = new Uint8Array(width * height);
      const [plane, stride] = [frame.data![0]!, frame.linesize[0]!];
      for (let y = 0; y < height; y++) luma.set(plane.subarray(y * stride, y * stride + width), y * width);
      clip.lumas.push(luma);
      frame.unref();
    }
  };
  while ((await input.readFrame(packet)) >= 0) {
    if (packet.pts !== packet.dts) clip.reordered++;
    if (packet.isKeyframe) clip.keyframes.push(clip.times.length);
    clip.times.push(Number(packet.pts) / ticks);
    await decoder.sendPacket(packet);
    packet.unref();
    await drain();
  }
  await decoder.sendPacket(null);
  await drain();
  packet.free();
  frame.free();
  decoder.freeContext();
  await input.closeInput();
  return clip;
}

/** Of every pixel its median over some frames: the scene without its traffic. */
function background(lumas: readonly Uint8Array[]): Uint8Array {
  const some = lumas.filter((_, k) => k % Math.ceil(lumas.length / 15) === 0);
  return Uint8Array.from(some[0]!, (_, p) => some.map((luma) => luma[p]!).sort((a, b) => a - b)[some.length >> 1]!);
}

const missing = !existsSync(CLIPS);

it.skipIf(missing)(
  'the clips take at most 12 MB, their truth at most 4 MB (skipped: scripts/world/clips is missing)',
  () => {
    expect(readdirSync(CLIPS)).toEqual(SCENES.map((scene) => `${scene.name}.mp4`));
    expect(sizeOf(CLIPS)).toBeLessThan(12e6);
    expect(sizeOf(join(WORLD, 'truth'))).toBeLessThan(4e6);
  },
);

describe.skipIf(missing).each(SCENES)('the shipped clip of $name', { timeout: 30_000 }, (scene) => {
  let clip: Clip;
  let truth: Truth;
  beforeAll(async () => {
    clip = await decode(clipOf(scene.name));
    truth = Truth.read(truthOf(scene.name));
  }, 60_000);

  it('is H.264 main, BT.709 limited, without B-frames, a keyframe a second, frame by frame to the end of the loop', () => {
    expect(clip.profile).toBe(77);
    expect(clip.reordered).toBe(0);
    expect(clip.colourSpace).toBe(AVCOL_SPC_BT709);
    expect(clip.colourRange).toBe(AVCOL_RANGE_MPEG);
    expect([clip.width, clip.height]).toEqual([truth.file.widthPx, truth.file.heightPx]);
    expect(clip.times).toEqual(Array.from({ length: truth.file.frameCount }, (_, k) => k));
    expect(clip.keyframes).toEqual(clip.times.filter((time) => time % 25 === 0));
    expect(truth.file.frameCount).toBe(scene.periodS * 25);
  });

  it('has a readable number on every frame, at half the size too', () => {
    const { width, height } = clip;
    const rows = frameCounterLayout(width).coveredHeightPx;
    const read = clip.lumas.map((data) => {
      const half = new Uint8Array((width / 2) * rows);
      for (let y = 0; y < rows / 2; y++)
        for (let x = 0; x < width / 2; x++) {
          const at = 2 * y * width + 2 * x;
          half[(y * width) / 2 + x] = (data[at]! + data[at + 1]! + data[at + width]! + data[at + width + 1]!) / 4;
        }
      return [
        readFrameCounter({ data, width, height, stride: width, channels: 1 }),
        readFrameCounter({ data: half, width: width / 2, height: rows, stride: width / 2, channels: 1 }),
      ];
    });
    expect(read).toEqual(clip.lumas.map((_, frameNo) => [frameNo, frameNo]));
  });

  it('differs from the empty scene where the truth has moving vehicles, and hardly elsewhere', () => {
    const empty = background(clip.lumas);
    const { width } = clip;
    const [inside, outside] = [
      { sum: 0, count: 0 },
      { sum: 0, count: 0 },
    ];
    for (let frame = 7; frame < clip.lumas.length; frame += 37) {
      const where = new Uint8Array(width * clip.height);
      for (const { box, speedKmh, occlusion } of truth.objects(frame)) {
        // Shadows and lights reach further than boxes: a wide margin belongs to neither.
        paint(where, width, [box[0] - 25, box[1] - 12, box[2] + 50, box[3] + 40], 1);
        if (speedKmh > 15 && occlusion < 0.1 && box[2] > 16) paint(where, width, box, 2);
      }
      for (let p = 24 * width; p < where.length; p++) {
        const difference = Math.abs(clip.lumas[frame]![p]! - empty[p]!);
        const into = where[p] === 2 ? inside : where[p] === 0 ? outside : null;
        if (!into) continue;
        into.sum += difference;
        into.count++;
      }
    }
    expect(inside.count).toBeGreaterThan(5000);
    expect(inside.sum / inside.count).toBeGreaterThan(4 * (outside.sum / outside.count));
    expect(inside.sum / inside.count).toBeGreaterThan(12);
  });

  it('has the truth that its seed gives, to the last digit', () => {
    const { renderer, traffic } = clipRenderer({ scene, seed: scene.seed, widthPx: clip.width, heightPx: clip.height });
    for (const frame of [0, truth.file.frameCount - 1])
      expect(renderFrame(renderer, traffic, frame, scene.periodS).rows).toEqual(truth.file.frames[frame]);
  });

  it('has a homography that agrees with its four points and with where vehicles touch the ground', () => {
    const { imageToGround, calibration } = truth.file;
    calibration.imagePx.forEach(([x, y], k) => {
      const ground = applyHomography(imageToGround, x, y);
      expect(ground[0]).toBeCloseTo(calibration.groundM[k]![0], 6);
      expect(ground[1]).toBeCloseTo(calibration.groundM[k]![1], 6);
    });
    let checked = 0;
    for (let frame = 0; frame < truth.file.frameCount; frame += 50) {
      for (const { silhouette, truncation, groundM, class: kind } of truth.objects(frame)) {
        if (truncation > 0 || kind !== 'car' || silhouette[2] < 25) continue;
        const [x, y, w, h] = silhouette;
        const foot = applyHomography(imageToGround, x + w / 2, y + h);
        expect(Math.hypot(foot[0] - groundM[0], foot[1] - groundM[1])).toBeLessThan(5.5);
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(10);
  });
});

function paint(where: Uint8Array, stride: number, [x, y, width, height]: readonly number[], value: number): void {
  const [x0, x1] = [Math.max(0, Math.round(x!)), Math.min(stride, Math.round(x! + width!))];
  for (let row = Math.max(0, Math.round(y!)); row < Math.min(where.length / stride, y! + height!); row++)
    if (x1 > x0) where.fill(value, row * stride + x0, row * stride + x1);
}
