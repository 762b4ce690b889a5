import type { Carriage } from '../core/signalling/messages.js';
import type { StreamInfo } from '../core/types.js';
import type { EventStats } from './events/track-events.js';
import type { MjpegStats } from './mjpeg/service.js';
import type { WebRtcStats } from './webrtc/webrtc-service.js';

/** Figures of the outputs: part of `/api/stats`, and in `/metrics`. */
export interface OutputStats {
  mjpeg: MjpegStats;
  events: EventStats;
  webrtc: WebRtcStats;
}

/** One stream in `GET /api/streams`. */
export interface ListedStream extends StreamInfo {
  /** How it goes to browsers; WebRTC switched off is another matter. */
  carriage: Carriage;
  /** Why not as the camera sends it; null where it is. */
  carriageReason: string | null;
}

/** What `/metrics` answers with. */
export interface MetricsSource {
  contentType: string;
  render(): Promise<string>;
}
