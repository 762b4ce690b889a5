import type { Config } from '../config/schema.js';
import type { ByteTrackerOptions } from '../track/options.js';

/** For models that do not say from which score on they are to be believed; suits stock YOLO exports. */
const DEFAULT_TRACK_THRESHOLD = 0.3;

/** The tracker's options as configured, for a model that is confident from `confidentScore` on. */
export function trackerSettings(
  { tracker, detector }: Pick<Config, 'tracker' | 'detector'>,
  confidentScore: number | null,
): Partial<ByteTrackerOptions> {
  const {
    trackThreshold = confidentScore ?? DEFAULT_TRACK_THRESHOLD,
    matchThreshold,
    trackBuffer,
    fuseScore,
  } = tracker;
  return { trackThreshold, matchThreshold, trackBuffer, fuseScore, lowThreshold: detector.scoreThreshold };
}
