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
import { Frame, SoftwareScaleContext } from 'node-av/lib';

/** Scales decoded pictures, wherever they are, into memory of the caller. */
export interface PictureScaler {
  /** False if the picture cannot be read, or not any more. */
  scale(frame: Frame, target: PicturePlanes): boolean;
  /** May be called twice. */
  close(): void;
}

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

/** One swscale context with the picture that it scales into. */
interface Lane {
  context: SoftwareScaleContext;
  scaled: Frame;
  /** Views over `scaled`, made once: each would count as external memory of V8 until it is collected. */
  planes: Buffer[];
  strides: number[];
}

/**
 * Scales decoded frames into caller-owned memory (also SharedArrayBuffers), converting the value range where source and
 * target differ. Keeps one swscale context per geometry; geometries that were not used lately are freed.
 *
 * It scales into a picture of its own and copies from there. Scaling straight from and to views (`frame.data`) looks
 * cheaper, but V8 counts every such view as external memory: eight 720p streams then made it collect the whole heap
 * every 90 ms.
 *
 * It does not convert between BT.601 and BT.709: that path of swscale costs four times as much and moves a hue by a few
 * code values.
 */
export class FrameScaler implements PictureScaler {
  static readonly #MAX_LANES = 8;
  readonly #lanes = new Map<string, Lane>();
  #closed = false;

  /** False if swscale cannot read the frame's pixel format. */
  scale(frame: Frame, target: PicturePlanes): boolean {
    if (this.#closed) return false;
    const lane = this.#lane(frame, target);
    if (!lane || lane.context.scaleFrameSync(lane.scaled, frame) < 0) return false;
    target.planes.forEach((plane, i) => {
      const { rowBytes, rows } = planeSize(target, i);
      copyRows(lane.planes[i]!, lane.strides[i]!, plane, target.strides[i]!, rowBytes, rows);
    });
    return true;
  }

  close(): void {
    this.#closed = true;
    for (const lane of this.#lanes.values()) freeLane(lane);
    this.#lanes.clear();
  }

  #lane(frame: Frame, target: PicturePlanes): Lane | null {
    const declared = frame.format as AVPixelFormat;
    const format = frame.colorRange === AVCOL_RANGE_JPEG ? (FULL_RANGE_TWIN.get(declared) ?? declared) : declared;
    const key = `${frame.width}x${frame.height}:${format}>${target.width}x${target.height}:${target.format}`;
    const known = this.#lanes.get(key);
    // Most recently used goes last.
    if (known) this.#lanes.delete(key);
    const lane = known ?? makeLane(frame, format, target);
    if (!lane) return null;
    this.#lanes.set(key, lane);
    if (this.#lanes.size > FrameScaler.#MAX_LANES) {
      const [oldestKey, oldest] = this.#lanes.entries().next().value!;
      freeLane(oldest);
      this.#lanes.delete(oldestKey);
    }
    return lane;
  }
}

function makeLane(
  frame: Frame,
  format: AVPixelFormat,
  { width, height, format: targetFormat }: PicturePlanes,
): Lane | null {
  const context = new SoftwareScaleContext();
  const sameSize = frame.width === width && frame.height === height;
  const method = sameSize ? SWS_POINT : SWS_BILINEAR;
  try {
    // It allocates and initialises: `initContext()` after it would do so again, and leak what the first had made.
    context.getContext(frame.width, frame.height, format, width, height, targetFormat, method);
  } catch {
    context.freeContext();
    return null;
  }
  const scaled = new Frame();
  scaled.alloc();
  scaled.width = width;
  scaled.height = height;
  scaled.format = targetFormat;
  if (scaled.allocBuffer() < 0 || !scaled.data) {
    scaled.free();
    context.freeContext();
    return null;
  }
  return { context, scaled, planes: scaled.data, strides: scaled.linesize };
}

function freeLane({ context, scaled }: Lane): void {
  context.freeContext();
  scaled.free();
}

/** Of one plane of I420 or NV12, in bytes and rows. */
export function planeSize({ width, height, format }: PicturePlanes, plane: number): { rowBytes: number; rows: number } {
  if (plane === 0) return { rowBytes: width, rows: height };
  return { rowBytes: format === AV_PIX_FMT_NV12 ? width : width / 2, rows: height / 2 };
}

export function copyRows(
  from: Buffer,
  fromStride: number,
  to: Buffer,
  toStride: number,
  rowBytes: number,
  rows: number,
): void {
  if (fromStride === toStride && rowBytes === toStride) {
    from.copy(to, 0, 0, rowBytes * rows);
    return;
  }
  for (let row = 0; row < rows; row++) from.copy(to, row * toStride, row * fromStride, row * fromStride + rowBytes);
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
