import type { EventStats } from './events/track-events.js';
import type { MjpegStats } from './mjpeg/service.js';
import type { WebRtcStats } from './webrtc/webrtc-service.js';

/** Figures of the outputs: part of `/api/stats`, and in `/metrics`. */
export interface OutputStats {
  mjpeg: MjpegStats;
  events: EventStats;
  webrtc: WebRtcStats;
}

/** What `/metrics` answers with. */
export interface MetricsSource {
  contentType: string;
  render(): Promise<string>;
}
