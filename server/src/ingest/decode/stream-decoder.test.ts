import type { Frame } from 'node-av/lib';
import { describe, expect, it } from 'vitest';
import { LanecastError } from '../../core/errors.js';
import type { DecodeBackend, PictureDecoder } from './picture-decoder.js';
import { StreamDecoder } from './stream-decoder.js';

/** A decoder that gives one picture a unit, until it is told to refuse. */
class FakeDecoder implements PictureDecoder {
  readonly backend: DecodeBackend;
  readonly seen: number[] = [];
  refuses = false;
  /** Where its pictures are said to be. */
  onGpu: boolean;
  closes = 0;

  constructor(backend: DecodeBackend) {
    this.backend = backend;
    this.onGpu = backend === 'nvdec';
  }

  decode(_: Uint8Array, ptsUs: number, __: boolean, onFrame: (frame: Frame, ptsUs: number) => void): boolean {
    this.seen.push(ptsUs);
    if (this.refuses) return false;
    onFrame({ isHwFrame: () => this.onGpu } as unknown as Frame, ptsUs);
    return true;
  }

  close(): void {
    this.closes++;
  }
}

function setUp() {
  const hardware = new FakeDecoder('nvdec');
  const software: FakeDecoder[] = [];
  let softwareRefuses = false;
  const decoder = new StreamDecoder({
    hardware: () => hardware,
    software: () => {
      const made = new FakeDecoder('software');
      made.refuses = softwareRefuses;
      software.push(made);
      return made;
    },
  });
  const pictures: number[] = [];
  const feed = (ptsUs: number, isKeyframe: boolean): boolean =>
    decoder.decode(new Uint8Array(4), ptsUs, isKeyframe, (_, at) => pictures.push(at));
  return {
    decoder,
    hardware,
    software,
    pictures,
    feed,
    refuseInSoftware: () => {
      softwareRefuses = true;
    },
  };
}

describe('StreamDecoder', () => {
  it('stays with the hardware while that works', () => {
    const { decoder, software, pictures, feed } = setUp();
    expect([feed(1, true), feed(2, false)]).toEqual([true, true]);
    expect(pictures).toEqual([1, 2]);
    expect(software).toHaveLength(0);
    expect([decoder.backend, decoder.fallbackReason]).toEqual(['nvdec', null]);
  });

  it('goes on in software with the very keyframe that the hardware refused', () => {
    const { decoder, hardware, software, pictures, feed } = setUp();
    feed(1, true);
    hardware.refuses = true;
    expect(feed(2, true)).toBe(true);
    expect(feed(3, false)).toBe(true);
    expect(pictures).toEqual([1, 2, 3]);
    expect(software[0]!.seen).toEqual([2, 3]);
    expect(hardware.closes).toBe(1);
    expect(decoder.backend).toBe('software');
    expect(decoder.fallbackReason).toMatch(/refused a keyframe/);
  });

  it('keeps the hardware where software refuses the keyframe too: the camera is to blame', () => {
    const { decoder, hardware, software, feed, refuseInSoftware } = setUp();
    refuseInSoftware();
    hardware.refuses = true;
    expect(feed(1, true)).toBe(false);
    expect(software[0]!.closes).toBe(1);
    hardware.refuses = false;
    expect(feed(2, true)).toBe(true);
    expect([decoder.backend, decoder.fallbackReason]).toEqual(['nvdec', null]);
  });

  it('does not try software with a unit that refers to pictures software never saw', () => {
    const { hardware, software, feed } = setUp();
    feed(1, true);
    hardware.refuses = true;
    expect(feed(2, false)).toBe(false);
    expect(software).toHaveLength(0);
  });

  it('gives the hardware up at the next keyframe when its pictures cannot be read', () => {
    const { decoder, hardware, software, pictures, feed } = setUp();
    feed(1, true);
    decoder.hardwareFailed('the GPU could not scale its pictures');
    expect(decoder.backend).toBe('software');
    expect(feed(2, false)).toBe(false);
    expect(software).toHaveLength(0);
    expect(feed(3, true)).toBe(true);
    expect(hardware.seen).toEqual([1]);
    expect(pictures).toEqual([1, 3]);
    decoder.hardwareFailed('too late to matter');
    expect(decoder.fallbackReason).toBe('the GPU could not scale its pictures');
    expect(feed(4, false)).toBe(true);
  });

  it('says so where FFmpeg decodes by itself what NVDEC does not take', () => {
    const { decoder, hardware, software, feed } = setUp();
    hardware.onGpu = false;
    expect(feed(1, true)).toBe(true);
    expect(software).toHaveLength(0);
    expect(decoder.backend).toBe('software');
    expect(decoder.fallbackReason).toMatch(/does not take this stream/);
  });

  it('begins in software where no hardware decoder can be made', () => {
    const decoder = new StreamDecoder({
      hardware: () => {
        throw new LanecastError('decoder-unavailable', 'no memory');
      },
      software: () => new FakeDecoder('software'),
    });
    expect(decoder.backend).toBe('software');
    expect(decoder.fallbackReason).toMatch(/did not start: no memory/);
  });

  it('has no reason to give where software was asked for', () => {
    const decoder = new StreamDecoder({ hardware: null, software: () => new FakeDecoder('software') });
    expect([decoder.backend, decoder.fallbackReason]).toEqual(['software', null]);
  });

  it('decodes nothing once it is closed, which may be twice', () => {
    const { decoder, hardware, feed } = setUp();
    decoder.close();
    decoder.close();
    expect(feed(1, true)).toBe(false);
    expect(hardware.closes).toBe(1);
  });
});
