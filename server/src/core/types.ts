/** Shared vocabulary of the pipeline. Pixel boxes are in source pixels unless a name says otherwise. */

/** A detector's box: `x1 < x2`, `y1 < y2`, source pixels, not clipped; `classIndex` points into the model's classes. */
export interface Detection {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  /** Sigmoid score, 0..1. */
  score: number;
  classIndex: number;
}

/** A confirmed track on one frame, as every output publishes it. */
export interface PublishedTrack {
  /** Unique within a stream and epoch; starts at 1. */
  id: number;
  class: string;
  score: number;
  /** `[x, y, width, height]`, source pixels. */
  box: [number, number, number, number];
  /** null while it is not known. */
  speedKmh: number | null;
  /** One standard deviation; null while it is not known. */
  speedSigmaKmh: number | null;
}

/** The tracks of one processed frame (`GET /api/tracks` sends exactly this object). */
export interface TrackMessage {
  stream: string;
  /** Presentation time in microseconds: per stream, strictly increasing for the life of the process. */
  ptsUs: number;
  /** `round(ptsUs * 0.09) mod 2^32`: what the WebRTC packets of the very same frame carry. */
  rtpTimestamp: number;
  /** Ids are unique within an epoch; a new epoch begins whenever tracking restarts. */
  epoch: number;
  /** Source picture size in pixels. */
  width: number;
  height: number;
  /** Whose detections the tracks rest on: the server's own, or a viewer's browser's; absent where nothing detects. */
  detectedBy?: DetectedBy;
  /** The number in the picture's frame counter, where `--debug-frame-numbers` reads it and there is one. */
  frameNo?: number;
  tracks: PublishedTrack[];
}

/** Where detection ran: on the server, or in a page that lends its GPU. */
export type DetectedBy = 'server' | 'browser';

/**
 * Where a stream stands.
 * - `connecting`: the RTSP handshake is under way
 * - `live`: video frames arrive
 * - `stalled`: connected, but no video frame for the stall time
 * - `backoff`: waiting before the next attempt (`reason` says why the last one ended)
 * - `failed`: as `backoff`, but the reason is one that retrying alone will not mend (401, an unsupported codec);
 *   it is retried all the same, at the longest interval
 */
export type StreamState = 'connecting' | 'live' | 'stalled' | 'backoff' | 'failed';

/**
 * What browsers' WebRTC cannot show: H.265, pictures that come in another order than they are shown (B-frames), and
 * profiles of H.264 beyond High (more than 8 bits, or more colour than 4:2:0).
 */
export type WebRtcFault = 'h265' | 'b-frames' | 'h264-profile';

/** How a stream is calibrated; `none`: by the default scale, so that its speeds are guesses. */
export type CalibrationKind = 'none' | 'scale' | 'homography';

/** One stream in `GET /api/streams`. Credentials never appear in `url` or `reason`. */
export interface StreamInfo {
  id: string;
  index: number;
  /** The source URL with its credentials removed. */
  url: string;
  state: StreamState;
  /** Stable code and one line that says what to do; null while live. */
  reason: { code: string; message: string } | null;
  codec: 'h264' | 'h265' | null;
  /** Where its pictures are decoded; null before the first connection. */
  decoder: 'software' | 'nvdec' | null;
  width: number;
  height: number;
  /** Milliseconds since the last decoded frame; null before the first. */
  lastFrameAgeMs: number | null;
  transport: 'tcp' | 'udp';
  /** Why WebRTC cannot carry the stream as it is; null: it can, or nothing is known yet. */
  webrtcFault: WebRtcFault | null;
  epoch: number;
  calibrated: CalibrationKind;
  /** Who detects on it now; null: nobody. */
  detectedBy: DetectedBy | null;
  counters: StreamCounters;
  rates: StreamRates;
}

/** Totals since the process started. */
export interface StreamCounters {
  connects: number;
  packets: number;
  /** RTP packets that never came, by sequence number. */
  packetsLost: number;
  bytes: number;
  accessUnits: number;
  /** Units with a missing part, not decoded. */
  unitsDamaged: number;
  decoded: number;
  decodeErrors: number;
  /** Of `decoded`, the frames that the GPU's decoder gave. */
  decodedOnGpu: number;
  detected: number;
  /** Of `detected`, those by a viewer's browser. */
  detectedLent: number;
  /** Decoded frames that a newer one replaced before the detector took them. */
  framesReplaced: number;
}

/** Over the last seconds. */
export interface StreamRates {
  /** Frames that were detected, per second. */
  fps: number;
  decodedFps: number;
  /** `(decoded - detected) / decoded`, 0..1. */
  dropRate: number;
  bitrateKbps: number;
}
