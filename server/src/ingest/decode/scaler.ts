import {
  AV_PIX_FMT_NV12,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV422P,
  AV_PIX_FMT_YUV444P,
  AV_PIX_FMT_YUVJ420P,
  AV_PIX_FMT_YUVJ422P,
  AV_PIX_FMT_YUVJ444P,
  AVCOL_RANGE_JPEG,
  type AVPixelFormat,
  SWS_BILINEAR,
  SWS_POINT,
} from 'node-av/constants';
import { type Frame, SoftwareScaleContext } from 'node-av/lib';

/** Where a scaled picture goes: one writable view and one stride (bytes) for each plane. */
export interface PicturePlanes {
  width: number;
  height: number;
  format: AVPixelFormat;
  planes: Buffer[];
  strides: number[];
}

const FULL_RANGE_TWIN = new Map<number, AVPixelFormat>([
  [AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ420P],
  [AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUVJ422P],
  [AV_PIX_FMT_YUV444P, AV_PIX_FMT_YUVJ444P],
]);

/**
 * Scales decoded frames straight into caller-owned memory (also SharedArrayBuffers), converting the value range where
 * source and target differ. Keeps one swscale context per geometry; geometries that were not used lately are freed.
 * It does not convert between BT.601 and BT.709: that path of swscale costs four times as much and moves a hue by a
 * few code values.
 */
export class FrameScaler {
  static readonly #MAX_CONTEXTS = 8;
  readonly #contexts = new Map<string, SoftwareScaleContext>();
  #closed = false;

  /** False if swscale cannot read the frame's pixel format. */
  scale(frame: Frame, target: PicturePlanes): boolean {
    const data = frame.data;
    if (this.#closed || !data) return false;
    const context = this.#context(frame, target);
    if (!context) return false;
    const strides = frame.linesize.slice(0, data.length);
    return context.scaleSync(data, strides, 0, frame.height, target.planes, target.strides) >= 0;
  }

  close(): void {
    this.#closed = true;
    for (const context of this.#contexts.values()) context.freeContext();
    this.#contexts.clear();
  }

  #context(frame: Frame, target: PicturePlanes): SoftwareScaleContext | null {
    const declared = frame.format as AVPixelFormat;
    const format = frame.colorRange === AVCOL_RANGE_JPEG ? (FULL_RANGE_TWIN.get(declared) ?? declared) : declared;
    const key = `${frame.width}x${frame.height}:${format}>${target.width}x${target.height}:${target.format}`;
    let context = this.#contexts.get(key);
    if (context) {
      // Most recently used goes last.
      this.#contexts.delete(key);
    } else {
      context = new SoftwareScaleContext();
      const sameSize = frame.width === target.width && frame.height === target.height;
      context.getContext(
        frame.width,
        frame.height,
        format,
        target.width,
        target.height,
        target.format,
        sameSize ? SWS_POINT : SWS_BILINEAR,
      );
      if (context.initContext() < 0) {
        context.freeContext();
        return null;
      }
    }
    this.#contexts.set(key, context);
    if (this.#contexts.size > FrameScaler.#MAX_CONTEXTS) {
      const [oldestKey, oldest] = this.#contexts.entries().next().value!;
      oldest.freeContext();
      this.#contexts.delete(oldestKey);
    }
    return context;
  }
}

/** Views over planar I420 of even size in one block of memory: Y, then U, then V, without padding. */
export function i420Planes(picture: Uint8Array, width: number, height: number, fullRange: boolean): PicturePlanes {
  const luma = width * height;
  const chroma = luma / 4;
  const view = (offset: number, length: number): Buffer =>
    Buffer.from(picture.buffer, picture.byteOffset + offset, length);
  return {
    width,
    height,
    format: fullRange ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P,
    planes: [view(0, luma), view(luma, chroma), view(luma + chroma, chroma)],
    strides: [width, width / 2, width / 2],
  };
}

/** Views over the content rectangle of a letterboxed NV12 picture of `width` x `height`; all offsets even. */
export function nv12ContentPlanes(
  picture: Uint8Array,
  width: number,
  height: number,
  content: { contentX: number; contentY: number; contentWidth: number; contentHeight: number },
): PicturePlanes {
  const luma = content.contentY * width + content.contentX;
  const chroma = width * height + (content.contentY / 2) * width + content.contentX;
  const view = (offset: number, end: number): Buffer =>
    Buffer.from(picture.buffer, picture.byteOffset + offset, end - offset);
  return {
    width: content.contentWidth,
    height: content.contentHeight,
    format: AV_PIX_FMT_NV12,
    planes: [view(luma, width * height), view(chroma, (width * height * 3) / 2)],
    strides: [width, width],
  };
}
