import type { MeasuredFrame, MeasureFrames } from '@lanecast/server/core/measured-frame';

export type { MeasuredFrame };

/** How boxes and frames agree: by the number that the server read in the picture and the one in the browser's pixels. */
export interface Exactness {
  frames: number;
  /** Frames by how their boxes came about. */
  counted: Record<string, number>;
  /** Frames whose own pixels were read. */
  readable: number;
  /** Of these, those with boxes measured on them. */
  proven: number;
  wrong: MeasuredFrame[];
}

/** The video may have gone on by the time its pixels are read: such a frame proves nothing either way. */
export function exactness(frames: readonly MeasuredFrame[]): Exactness {
  const counted: Record<string, number> = {};
  for (const { kind } of frames) counted[kind] = (counted[kind] ?? 0) + 1;
  const readable = frames.filter(
    (frame) => frame.pixelRtpTimestamp === frame.rtpTimestamp && frame.pixelFrameNo !== null,
  );
  const exact = readable.filter(({ kind }) => kind === 'exact');
  const wrong = exact.filter((frame) => frame.messageFrameNo !== frame.pixelFrameNo);
  return { frames: frames.length, counted, readable: readable.length, proven: exact.length, wrong };
}

/** What `window.lanecastDrawn` gives. */
export interface MeasuredDrawing {
  stream: string;
  kind: MeasuredFrame['kind'];
  messageFrameNo: number | null;
  drawnFrameNo: number | null;
}

declare global {
  interface Window {
    lanecastFrames?: MeasureFrames;
    lanecastDrawn?: (count: number, timeoutMs: number) => Promise<MeasuredDrawing[]>;
  }
}
