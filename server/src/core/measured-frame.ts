/** One presented frame, as `window.lanecastFrames` of the dashboard gives it: plain data for benches and tests. */
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
  /** Whether its boxes were measured on it, or come from its neighbours. */
  kind: 'exact' | 'interpolated' | 'predicted' | 'none';
  byTimestamp: boolean;
  /** What the server read in the picture that the message belongs to; null without `--debug-frame-numbers`. */
  messageFrameNo: number | null;
  /** What the pixels say. */
  pixelFrameNo: number | null;
  /** RTP timestamp of the picture whose pixels were read. */
  pixelRtpTimestamp: number | null;
  /** As they were drawn; shares of the picture. */
  boxes: { id: number; x: number; y: number; width: number; height: number; measured: boolean }[];
}

/** The next so many presented frames of all tiles, or those that come in time. */
export type MeasureFrames = (count: number, timeoutMs: number) => Promise<MeasuredFrame[]>;
