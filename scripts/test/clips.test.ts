import { copyFile, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as av from 'node-av/lib';
import { AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { describe, expect, it } from 'vitest';
import { resolveClips } from '@lanecast/scripts/clips/resolve-clips';
import { syntheticClip } from '@lanecast/scripts/clips/synthetic-clip';
import { inspectVideo } from '@lanecast/scripts/videos/inspect-video';
import { shortClip, temporaryDirectory } from './support/clip.js';

const directory = temporaryDirectory();

async function emptyDirectory(name: string): Promise<string> {
  const path = join(directory, name);
  await mkdir(path, { recursive: true });
  return path;
}

/** Calls `see` with the luma plane of each decoded frame, in order. */
async function decodeLuma(path: string, see: (luma: Buffer, stride: number) => void): Promise<void> {
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
  const drain = async (): Promise<void> => {
    while ((await decoder.receiveFrame(frame)) >= 0) {
      see(frame.data![0]!, frame.linesize[0]!);
      frame.unref();
    }
  };
  while ((await input.readFrame(packet)) >= 0) {
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
}

/** Left edge and width of what is bright in one row, to a part of a pixel: from how bright each pixel is. */
function brightRun(luma: Buffer, rowStart: number, widthPx: number, ground: number, bright: number): [number, number] {
  let covered = 0;
  let moment = 0;
  for (let x = 0; x < widthPx; x++) {
    const part = Math.min(Math.max((luma[rowStart + x]! - ground) / (bright - ground), 0), 1);
    if (part < 0.15) continue;
    covered += part;
    moment += part * (x + 0.5);
  }
  return [moment / covered - covered / 2, covered];
}

describe('syntheticClip', () => {
  it.each(['h264', 'h265'] as const)('shows the boxes where the truth says: %s', async (codec) => {
    const clip = await shortClip(directory, { codec });
    let frameNo = 0;
    let compared = 0;
    await decodeLuma(clip.path, (luma, stride) => {
      for (const { box, visible } of clip.truth[frameNo++]!) {
        if (visible < 1) continue;
        const middleRow = Math.round(box[1] + box[3] / 2) * stride;
        const [left, width] = brightRun(luma, middleRow, clip.widthPx, 48, clip.boxes[0]!.luma);
        expect(Math.abs(left - box[0])).toBeLessThan(0.75);
        expect(Math.abs(width - box[2])).toBeLessThan(1);
        compared++;
      }
    });
    expect(frameNo).toBe(50);
    expect(compared).toBeGreaterThan(25);
  });

  it('is 640x360, 25 fps, H.264 without B-frames unless asked otherwise', async () => {
    const clip = await syntheticClip({ cacheDir: directory });
    expect(await inspectVideo(clip.path)).toEqual({
      isH264: true,
      widthPx: 640,
      heightPx: 360,
      fps: 25,
      durationS: 10,
      frames: 250,
      reorderDepth: 0,
    });
    expect(clip.truth).toHaveLength(250);
    expect((await inspectVideo((await shortClip(directory, { bFrames: 2 })).path)).reorderDepth).toBeGreaterThan(0);
  });

  it('is the same from the same seed, and made once', async () => {
    const [a, b] = [await emptyDirectory('a'), await emptyDirectory('b')];
    const first = await shortClip(a);
    expect(await readFile(first.path)).toEqual(await readFile((await shortClip(b)).path));
    const { mtimeMs } = await stat(first.path);
    expect((await shortClip(a)).path).toBe(first.path);
    expect((await stat(first.path)).mtimeMs).toBe(mtimeMs);
    expect((await shortClip(a, { seed: 2 })).path).not.toBe(first.path);
  });

  it('has its parameter sets before every keyframe, once a second', async () => {
    const clip = await shortClip(directory, { container: 'annexb' });
    const bytes = await readFile(clip.path);
    const types: number[] = [];
    for (let at = bytes.indexOf('000001', 0, 'hex'); at >= 0; at = bytes.indexOf('000001', at + 3, 'hex')) {
      types.push(bytes[at + 3]! & 0x1f);
    }
    const shown = types.filter((type) => type !== 6);
    expect(shown).toEqual([...gop(), ...gop()]);

    function gop(): number[] {
      return [7, 8, 5, ...Array.from({ length: 24 }, () => 1)];
    }
  });

  it('says what it cannot make', async () => {
    await expect(syntheticClip({ widthPx: 641, cacheDir: directory })).rejects.toMatchObject({ code: 'clip-options' });
    await expect(syntheticClip({ durationS: 1, cacheDir: directory })).rejects.toMatchObject({
      code: 'clip-too-short',
    });
  });
});

describe('resolveClips', () => {
  it('takes the named directory, then the world, then videos, then synthetic ones', async () => {
    const root = await emptyDirectory('root');
    const cacheDir = await emptyDirectory('cache');
    const { path: clip } = await shortClip(directory);
    const put = async (...parts: string[]): Promise<void> => {
      await mkdir(join(root, ...parts), { recursive: true });
      await copyFile(clip, join(root, ...parts, 'b.mp4'));
      await copyFile(clip, join(root, ...parts, 'a.mp4'));
    };
    const resolve = (directoryName?: string) =>
      resolveClips({ count: 2, root, cacheDir, ...(directoryName === undefined ? {} : { directory: directoryName }) });

    const made = await resolve();
    expect(made).toMatchObject({ source: 'synthetic' });
    expect(new Set(made.paths).size).toBe(2);
    expect(made.description).toContain('synthetic');
    await put('videos');
    expect(await resolve()).toMatchObject({ source: 'videos' });
    await put('scripts', 'world', 'clips');
    expect(await resolve()).toMatchObject({ source: 'world' });
    const given = join(root, 'videos');
    expect(await resolve(given)).toMatchObject({
      source: 'given',
      paths: [join(given, 'a.mp4'), join(given, 'b.mp4')],
    });
  });

  it('refuses a directory that is not there or has no clips', async () => {
    const empty = await emptyDirectory('empty');
    for (const name of [empty, join(empty, 'missing')]) {
      await expect(resolveClips({ count: 1, directory: name })).rejects.toMatchObject({ code: 'clips-directory' });
    }
  });
});
