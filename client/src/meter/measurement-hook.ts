import { frameProbe } from '../overlay/frame-probe.js';
import { FrameNumberReader } from './frame-number-reader.js';

/** One presented frame, as `window.lanecastFrames` gives it: plain data for benches and tests. */
export interface MeasuredFrame {
  stream: string;
  /** `performance.now()` and the same as wall clock. */
  atMs: number;
  epochMs: number;
  /** When the frame will be on the screen, as the browser expects. */
  expectedDisplayMs: number;
  /** The video's own time of the frame, seconds. */
  mediaTimeS: number;
  rtpTimestamp: number | null;
  ptsUs: number | null;
  kind: string;
  byTimestamp: boolean;
  /** What the server read in the picture that the message belongs to; null without `--debug-frame-numbers`. */
  messageFrameNo: number | null;
  /** What the pixels say. */
  pixelFrameNo: number | null;
  /** RTP timestamp of the picture whose pixels were read. */
  pixelRtpTimestamp: number | null;
  boxes: { id: number; x: number; y: number; width: number; height: number; measured: boolean }[];
}

declare global {
  interface Window {
    lanecastFrames?: (count: number, timeoutMs: number) => Promise<MeasuredFrame[]>;
  }
}

/**
 * With `/?measure` the page offers `window.lanecastFrames(count, timeoutMs)`: the next presented frames of all tiles, each
 * with the boxes that were drawn on it and the frame number in its pixels.
 */
export function offerMeasurement(): void {
  window.lanecastFrames = (count, timeoutMs) =>
    new Promise((resolve) => {
      const reader = new FrameNumberReader();
      const frames: MeasuredFrame[] = [];
      const finish = (): void => {
        clearTimeout(timer);
        stop();
        resolve(frames);
      };
      const stop = frameProbe.listen(({ stream, video, atMs, metadata, match }) => {
        const shown = reader.read(video);
        frames.push({
          stream,
          atMs,
          epochMs: performance.timeOrigin + atMs,
          expectedDisplayMs: metadata.expectedDisplayTime,
          mediaTimeS: metadata.mediaTime,
          rtpTimestamp: metadata.rtpTimestamp ?? null,
          ptsUs: match.ptsUs,
          kind: match.kind,
          byTimestamp: match.byTimestamp,
          messageFrameNo: match.message?.frameNo ?? null,
          pixelFrameNo: shown.frameNo,
          pixelRtpTimestamp: shown.rtpTimestamp,
          boxes: match.tracks.map(({ id, x, y, width, height, measured }) => ({ id, x, y, width, height, measured })),
        });
        if (frames.length >= count) finish();
      });
      const timer = setTimeout(finish, timeoutMs);
    });
}
