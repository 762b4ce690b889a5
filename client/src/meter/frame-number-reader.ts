import { frameCounterLayout, readFrameCounter } from '@lanecast/server/core/frame-counter';

interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What a video shows at this moment. */
export interface ShownNumber {
  /** The number in the pixels; null if there is none that can be trusted. */
  frameNo: number | null;
  /** The RTP timestamp of the very picture that was read; null where the browser does not tell. */
  rtpTimestamp: number | null;
}

/** Reads the machine-readable frame number of demo and test clips from the pixels of a `<video>`. */
export class FrameNumberReader {
  #canvas: OffscreenCanvas | null = null;

  read(video: HTMLVideoElement): ShownNumber {
    const width = video.videoWidth;
    const height = video.videoHeight;
    if (width === 0) return { frameNo: null, rtpTimestamp: null };
    const { coveredWidthPx, coveredHeightPx } = frameCounterLayout(width);
    if (this.#canvas?.width !== coveredWidthPx || this.#canvas.height !== coveredHeightPx)
      this.#canvas = new OffscreenCanvas(coveredWidthPx, coveredHeightPx);
    const context = this.#canvas.getContext('2d', { willReadFrequently: true });
    if (!context) return { frameNo: null, rtpTimestamp: null };
    // A VideoFrame is one picture, whatever the video shows by now, and it knows its timestamp.
    const frame = typeof VideoFrame === 'undefined' ? null : new VideoFrame(video);
    try {
      context.drawImage(frame ?? video, 0, 0);
      const { data } = context.getImageData(0, 0, coveredWidthPx, coveredHeightPx);
      const frameNo = readFrameCounter({ data, width, height, stride: coveredWidthPx * 4, channels: 4 });
      const metadata = (frame as { metadata?: () => { rtpTimestamp?: number } } | null)?.metadata?.();
      return { frameNo, rtpTimestamp: metadata?.rtpTimestamp ?? null };
    } finally {
      frame?.close();
    }
  }

  /** The number in a picture on a canvas, which is rather small mostly; null if there is none that can be trusted. */
  readCanvas(canvas: HTMLCanvasElement, picture: Rect): number | null {
    // Read at the size that the cells are at least some pixels wide.
    const width = Math.max(640, Math.round(picture.width));
    const scale = width / picture.width;
    const { coveredWidthPx, coveredHeightPx } = frameCounterLayout(width);
    const copy = new OffscreenCanvas(coveredWidthPx, coveredHeightPx);
    const context = copy.getContext('2d', { willReadFrequently: true });
    if (!context) return null;
    context.setTransform(scale, 0, 0, scale, -picture.x * scale, -picture.y * scale);
    context.drawImage(canvas, 0, 0);
    const { data } = context.getImageData(0, 0, coveredWidthPx, coveredHeightPx);
    const height = Math.round(picture.height * scale);
    return readFrameCounter({ data, width, height, stride: coveredWidthPx * 4, channels: 4 });
  }
}
