import type { MeasuredFrame, MeasureFrames } from '@lanecast/server/core/measured-frame';
import { frameProbe } from '../overlay/frame-probe.js';
import { FrameNumberReader } from './frame-number-reader.js';

declare global {
  interface Window {
    lanecastFrames?: MeasureFrames;
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
