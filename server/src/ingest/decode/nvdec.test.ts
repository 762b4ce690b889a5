import type { Frame } from 'node-av/lib';
import { describe, expect, it } from 'vitest';
import { quietFfmpeg } from '../../ops/quiet-ffmpeg.js';
import { VideoDecoder } from './decoder.js';
import { PictureScalers } from './gpu-scaler.js';
import { type NvdecDevice, openNvdecDevice } from './nvdec-device.js';
import { GREY_KEYFRAME, GREY_LUMA, probeNvdec } from './nvdec-probe.js';
import { i420Planes } from './scaler.js';

quietFfmpeg();

function deviceOrReason(): NvdecDevice | Error {
  try {
    return openNvdecDevice();
  } catch (error) {
    return error as Error;
  }
}
const device = deviceOrReason();

it('the keyframe of the probe is what the probe says it is', () => {
  const decoder = new VideoDecoder('h264', 1 << 20);
  const luma = new Set<number>();
  let size = '';
  const accepted = decoder.decode(GREY_KEYFRAME, 0, true, (frame) => {
    size = `${frame.width}x${frame.height}`;
    for (const value of frame.data![0]!.subarray(0, frame.width)) luma.add(value);
  });
  decoder.close();
  expect([accepted, size]).toEqual([true, '128x128']);
  for (const value of luma) expect(Math.abs(value - GREY_LUMA)).toBeLessThanOrEqual(1);
});

describe('without a GPU', () => {
  it.skipIf(!(device instanceof Error))('says that there is no driver', () => {
    expect(device).toMatchObject({ code: 'nvdec-unavailable' });
    expect((device as Error).message).toMatch(/no NVIDIA driver/);
  });

  it('a picture that claims to be on a GPU is one that cannot be scaled, and nothing breaks', () => {
    const scalers = new PictureScalers();
    const impostor = { width: 64, height: 64, linesize: [64], isHwFrame: () => true, clone: () => null };
    const target = i420Planes(new Uint8Array(32 * 32 * 1.5), 32, 32, true);
    expect(scalers.scale(impostor as unknown as Frame, target)).toBe(false);
    scalers.forgetGpu();
    scalers.close();
    scalers.close();
    expect(scalers.scale(impostor as unknown as Frame, target)).toBe(false);
  });
});

describe.skipIf(device instanceof Error)('with a GPU', () => {
  it('decodes, scales and reads back', () => {
    expect(probeNvdec(device as NvdecDevice)).toBeNull();
  });
});
