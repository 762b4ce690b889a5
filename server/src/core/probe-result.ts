/** What a camera sends, seen for a second or two. */
export interface ProbedVideo {
  codec: 'h264' | 'h265';
  /** Pixels; null: no sequence parameter set came. */
  width: number | null;
  height: number | null;
  /** By its own timestamps; null: fewer than two pictures came. */
  fps: number | null;
  kbps: number | null;
  packetsLost: number;
  /** Pictures are shown in another order than they are sent (B-frames): WebRTC cannot carry that as it is. */
  reordered: boolean;
  /** The server would refuse it: `ingest.maxPicturePixels`. */
  tooLarge: boolean;
}

/** `POST /api/probe`: whether a camera answers and what it sends, or why not. `tookMs`: the whole try, milliseconds. */
export type ProbeResult =
  | { answers: true; video: ProbedVideo; tookMs: number }
  | { answers: false; reason: { code: string; message: string }; tookMs: number };
