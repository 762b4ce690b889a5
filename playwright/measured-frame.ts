/** What `window.lanecastFrames` of the dashboard gives: client/src/meter/measurement-hook.ts. */
export interface MeasuredFrame {
  stream: string;
  epochMs: number;
  expectedDisplayMs: number;
  rtpTimestamp: number | null;
  ptsUs: number | null;
  kind: 'exact' | 'interpolated' | 'predicted' | 'none';
  byTimestamp: boolean;
  messageFrameNo: number | null;
  pixelFrameNo: number | null;
  pixelRtpTimestamp: number | null;
  boxes: { id: number; x: number; y: number; width: number; height: number; measured: boolean }[];
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
    lanecastFrames?: (count: number, timeoutMs: number) => Promise<MeasuredFrame[]>;
    lanecastDrawn?: (count: number, timeoutMs: number) => Promise<MeasuredDrawing[]>;
  }
}
