import { describe, expect, it } from 'vitest';
import { DEFAULT_PICTURE_PIXELS, MAX_PICTURE_PIXELS } from '../../core/picture-limits.js';
import { quietFfmpeg } from '../../ops/quiet-ffmpeg.js';
import { brokenKeyframe } from '../depacketise/testing/broken-keyframe.js';
import { annexB } from '../depacketise/testing/packetiser.js';
import { VideoDecoder } from './decoder.js';

quietFfmpeg();

function decode(sideMbs: number, maxPicturePixels = MAX_PICTURE_PIXELS): { accepted: boolean; sizes: string[] } {
  const decoder = new VideoDecoder('h264', maxPicturePixels);
  const sizes: string[] = [];
  try {
    const accepted = decoder.decode(annexB(brokenKeyframe(sideMbs)), 0, true, (frame) =>
      sizes.push(`${frame.width}x${frame.height}`),
    );
    return { accepted, sizes };
  } finally {
    decoder.close();
    decoder.close();
  }
}

describe('VideoDecoder', () => {
  it('decodes what the bound allows, broken or not', () => {
    expect(decode(20)).toEqual({ accepted: true, sizes: ['320x320'] });
  });

  it('refuses a picture beyond the bound that it was given', () => {
    const sideMbs = 300;
    expect((sideMbs * 16) ** 2).toBeLessThan(MAX_PICTURE_PIXELS);
    expect(decode(sideMbs, DEFAULT_PICTURE_PIXELS)).toEqual({ accepted: false, sizes: [] });
  });

  it('refuses a picture larger than any level allows, before it takes memory for it', () => {
    const sideMbs = 999;
    expect((sideMbs * 16) ** 2).toBeGreaterThan(MAX_PICTURE_PIXELS);
    const before = process.memoryUsage.rss();
    expect(decode(sideMbs)).toEqual({ accepted: false, sizes: [] });
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 << 20);
  });
});
