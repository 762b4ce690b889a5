import { planarPicture, type PlanarPicture } from './picture-planes.js';

/** Not in the DOM types yet: what a decoder knows about a phone that was held upright. */
interface TurnedFrame {
  rotation?: number;
  flip?: boolean;
}

/** Copies a VideoFrame's pixels to the CPU, into memory that it uses again. */
export class FrameReader {
  #bytes = new Uint8Array(0);
  #canvas: OffscreenCanvas | null = null;

  /** The result is overwritten by the next call. Rejects where the browser cannot read the frame. */
  async read(frame: VideoFrame): Promise<PlanarPicture> {
    const { rotation = 0, flip = false } = frame as TurnedFrame;
    // Frames in the GPU's own formats, and turned ones, take the way over a canvas.
    if (rotation !== 0 || flip || !READABLE.has(frame.format)) return this.#draw(frame);
    const { width, height } = frame.visibleRect!;
    const size = frame.allocationSize();
    if (this.#bytes.length < size) this.#bytes = new Uint8Array(size);
    const layout = await frame.copyTo(this.#bytes);
    return planarPicture(frame.format, this.#bytes, layout, width, height)!;
  }

  #draw(frame: VideoFrame): PlanarPicture {
    const { displayWidth: width, displayHeight: height } = frame;
    if (this.#canvas?.width !== width || this.#canvas.height !== height)
      this.#canvas = new OffscreenCanvas(width, height);
    const context = this.#canvas.getContext('2d', { willReadFrequently: true })!;
    context.drawImage(frame, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return planarPicture('RGBA', bytes, [{ offset: 0, stride: 4 * width }], width, height)!;
  }
}

const READABLE = new Set<string | null>(['I420', 'I420A', 'NV12', 'RGBA', 'RGBX', 'BGRA', 'BGRX']);
