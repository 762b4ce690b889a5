import type { MeasuredFrame, MeasureFrames } from '@lanecast/server/core/measured-frame';
import { frameProbe } from '../overlay/frame-probe.js';
import { FrameNumberReader } from './frame-number-reader.js';

/** One frame that the wall's own canvas shows, as `window.lanecastDrawn` gives it. */
export interface MeasuredDrawing {
  stream: string;
  kind: string;
  /** As in `MeasuredFrame`. */
  messageFrameNo: number | null;
  /** What the pixels of the canvas say. */
  drawnFrameNo: number | null;
}

declare global {
  interface Window {
    lanecastFrames?: MeasureFrames;
    lanecastDrawn?: (count: number, timeoutMs: number) => Promise<MeasuredDrawing[]>;
  }
}

/**
 * With `/?measure` the page offers `window.lanecastFrames(count, timeoutMs)`: the next presented frames of all tiles, each
 * with the boxes that were drawn on it and the frame number in its pixels; and, where the wall is drawn on one canvas,
 * `window.lanecastDrawn(count, timeoutMs)`: the next drawings with the frame number in the canvas's pixels.
 */
export function offerMeasurement(): void {
  window.lanecastDrawn = (count, timeoutMs) =>
    new Promise((resolve) => {
      const reader = new FrameNumberReader();
      const drawings: MeasuredDrawing[] = [];
      const finish = (): void => {
        clearTimeout(timer);
        stop();
        resolve(drawings);
      };
      const stop = frameProbe.listenDrawn(({ stream, match, canvas, picture }) => {
        if (drawings.length >= count) return;
        const { kind, message } = match;
        const drawnFrameNo = reader.readCanvas(canvas, picture);
        drawings.push({ stream, kind, messageFrameNo: message?.frameNo ?? null, drawnFrameNo });
        if (drawings.length === count) finish();
      });
      const timer = setTimeout(finish, timeoutMs);
    });
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
