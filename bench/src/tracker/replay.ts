import type { Track } from '@lanecast/server/track/byte-tracker';
import { ByteTracker } from '@lanecast/server/track/byte-tracker';
import type { ByteTrackerOptions } from '@lanecast/server/track/options';
import type { DetectionSequence } from './detections-csv.js';

/** `frame,id,x1,y1,x2,y2,score`: corners to four decimals, scores to six. */
export function formatRow(frame: number, { id, x1, y1, x2, y2, score }: Track): string {
  return [frame, id, ...[x1, y1, x2, y2].map((value) => value.toFixed(4)), score.toFixed(6)].join(',');
}

export interface Replay {
  /** One line a confirmed track and frame, in the tracker's order; no header. */
  rows: string[];
  frames: number;
  tracks: number;
  /** Detections that the tracker refused (empty or absurd boxes). */
  detectionsDropped: number;
}

/** Runs a tracker over every frame of a sequence at a constant frame rate. */
export function replay(sequence: DetectionSequence, options: Partial<ByteTrackerOptions>): Replay {
  // The pipeline's bounds on detections and tracks are no part of the algorithm.
  const unbounded = { maxDetections: Number.MAX_SAFE_INTEGER, maxTracks: Number.MAX_SAFE_INTEGER };
  const tracker = new ByteTracker({ ...options, ...unbounded });
  const rows: string[] = [];
  const ids = new Set<number>();
  for (let frame = 1; frame <= sequence.lastFrame; frame++) {
    const ptsUs = Math.round((frame * 1e6) / tracker.frameRate);
    for (const track of tracker.update(sequence.byFrame.get(frame) ?? [], ptsUs)) {
      rows.push(formatRow(frame, track));
      ids.add(track.id);
    }
  }
  return {
    rows,
    frames: sequence.lastFrame,
    tracks: ids.size,
    detectionsDropped: tracker.counters.detectionsDropped,
  };
}
