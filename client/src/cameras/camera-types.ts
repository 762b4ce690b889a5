import type { ConfigStatus } from '@lanecast/server/config/live-config';
import type { StreamConfig } from '@lanecast/server/config/schema';

export type { ProbedVideo, ProbeResult } from '@lanecast/server/core/probe-result';

/** A camera as the configuration has it; in answers of the server its address is without credentials. */
export type CameraConfig = StreamConfig;

/** `GET /api/config`, as far as the camera manager reads it. `source` is absent where nothing can be changed. */
export interface ServerConfig {
  streams: CameraConfig[];
  ingest: { transport: 'tcp' | 'udp' };
  speed: { scaleMPerPx: number };
  source?: ConfigStatus;
}
