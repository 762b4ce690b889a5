import type { PipelineStats } from '@lanecast/server/pipeline/api';

export type { StreamInfo } from '@lanecast/server/core/types';

/** `GET /api/stats`: the pipeline's figures and those of the outputs; a newer or older server may lack some. */
export type ServerStats = PipelineStats & {
  outputs?: {
    mjpeg?: { clients: number };
    events?: { clients: number };
    webrtc?: { viewers?: number; peers?: number };
  };
};
