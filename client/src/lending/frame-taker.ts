import type { BrowserDetector } from '../detector/browser-detector.js';
import type { FrameListener } from '../overlay/frame-probe.js';

type Presented = Parameters<FrameListener>[0];

/** The RTP timestamp that a frame of a video carries itself; null where the browser does not tell it. */
export function ownRtpTimestamp(frame: VideoFrame): number | null {
  const { metadata } = frame as { metadata?: () => { rtpTimestamp?: number } };
  return metadata?.call(frame).rtpTimestamp ?? null;
}

/**
 * Takes presented frames of the leased streams for the detector. The video may have gone on since the frame was announced,
 * so that it is the taken frame's own timestamp that counts, where the browser tells it.
 */
export class FrameTaker {
  /** Frames that the browser would not give. */
  failed = 0;
  readonly #takeFrame: (video: HTMLVideoElement) => VideoFrame;

  constructor(takeFrame: (video: HTMLVideoElement) => VideoFrame = (video) => new VideoFrame(video)) {
    this.#takeFrame = takeFrame;
  }

  take({ stream, video, metadata }: Presented, detector: Pick<BrowserDetector, 'submit'>): void {
    let frame: VideoFrame;
    try {
      frame = this.#takeFrame(video);
    } catch {
      this.failed++;
      return;
    }
    const rtpTimestamp = ownRtpTimestamp(frame) ?? metadata.rtpTimestamp;
    if (rtpTimestamp === undefined) {
      frame.close();
      this.failed++;
      return;
    }
    detector.submit(stream, frame, rtpTimestamp);
  }
}
