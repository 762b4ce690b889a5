/** A frame in memory of its own, so that it can be detected on several times without holding a decoder's picture. */
export interface KeptFrame {
  width: number;
  height: number;
  /** The caller closes it. */
  open(): VideoFrame;
  close(): void;
}

/** Copies `frame` and closes it. */
export async function keepFrame(frame: VideoFrame): Promise<KeptFrame> {
  const { displayWidth: width, displayHeight: height, timestamp, format, colorSpace, visibleRect } = frame;
  try {
    if (format === 'I420' || format === 'NV12') {
      const data = new Uint8Array(frame.allocationSize());
      const layout = await frame.copyTo(data);
      const init = {
        format,
        codedWidth: visibleRect!.width,
        codedHeight: visibleRect!.height,
        displayWidth: width,
        displayHeight: height,
        timestamp,
        layout,
        colorSpace: colorSpace.toJSON(),
      };
      return { width, height, open: () => new VideoFrame(data, init), close: () => undefined };
    }
    const bitmap = await createImageBitmap(frame);
    return { width, height, open: () => new VideoFrame(bitmap, { timestamp }), close: () => bitmap.close() };
  } finally {
    frame.close();
  }
}
