import { messageOf } from '../../core/errors.js';
import { VideoDecoder } from './decoder.js';
import { GpuScaler } from './gpu-scaler.js';
import type { NvdecDevice } from './nvdec-device.js';
import { FrameScaler, nv12ContentPlanes } from './scaler.js';

/** One H.264 keyframe, 128x128, all grey (luma 126), made with x264. */
export const GREY_KEYFRAME = Buffer.from(
  'AAAAAWdCwAvaCBGwEQAAAwABAAADADIPFCqgAAAAAWjOD8gAAAFliIQ6JigMnJycnJycnXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXg==',
  'base64',
);
export const GREY_LUMA = 126;
const SIDE_PX = 128;
const SCALED_PX = 64;

/**
 * Decodes a keyframe on NVDEC, scales it on the GPU and reads it back: everything a stream needs. Returns why it does
 * not work, or null if it does.
 */
export function probeNvdec({ context }: NvdecDevice): string | null {
  const converter = new FrameScaler();
  const scaler = new GpuScaler(converter);
  const picture = new Uint8Array((SCALED_PX * SCALED_PX * 3) / 2);
  const target = nv12ContentPlanes(picture, SCALED_PX, SCALED_PX, {
    contentX: 0,
    contentY: 0,
    contentWidth: SCALED_PX,
    contentHeight: SCALED_PX,
  });
  let decoder: VideoDecoder | null = null;
  let problem: string | null = 'NVDEC gave no picture back for a keyframe';
  try {
    decoder = new VideoDecoder('h264', SIDE_PX * SIDE_PX, context);
    const accepted = decoder.decode(GREY_KEYFRAME, 0, true, (frame) => {
      if (!frame.isHwFrame())
        problem = 'NVDEC is missing (libnvcuvid.so.1) or refused H.264: FFmpeg decoded in software';
      else if (!scaler.scale(frame, target)) problem = 'a picture was decoded, but scale_cuda could not scale it';
      else if (picture.slice(0, SCALED_PX * SCALED_PX).some((luma) => Math.abs(luma - GREY_LUMA) > 2))
        problem = `a grey picture came back wrong (luma ${picture[0]} instead of ${GREY_LUMA})`;
      else problem = null;
    });
    if (!accepted) problem = 'NVDEC refused a keyframe';
  } catch (error) {
    problem = messageOf(error);
  } finally {
    decoder?.close();
    scaler.close();
    converter.close();
  }
  return problem;
}
