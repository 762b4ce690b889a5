/** One frame taken out of a `<video>`, and the times that are the frame's own. */
export interface TakenFrame {
  video: VideoFrame;
  /** undefined: the browser does not tell. */
  rtpTimestamp: number | undefined;
  mediaTimeS: number;
}

/**
 * The frame that a video shows at this moment, held fast whatever it shows later. A callback may come after the video has
 * gone on: boxes must be those of the frame in hand, so its own times count, not the callback's.
 * @throws DOMException while the video has no frame. The caller closes `video`.
 */
export function takeFrame(source: HTMLVideoElement): TakenFrame {
  const video = new VideoFrame(source);
  // TypeScript does not know this method yet, and not every browser has it.
  const { rtpTimestamp } = (video as { metadata?: () => { rtpTimestamp?: number } }).metadata?.() ?? {};
  return { video, rtpTimestamp, mediaTimeS: video.timestamp / 1e6 };
}
