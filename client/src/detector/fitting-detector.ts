import type { ModelEntry } from '@lanecast/server/core/model-entry';
import type {
  BrowserDetector,
  BrowserDetectorEvents,
  BrowserDetectorOptions,
  startBrowserDetector,
} from './browser-detector.js';
import { SizePolicy } from './size-policy.js';

export interface FittingOptions extends Omit<BrowserDetectorOptions, 'model'> {
  /** Of one precision; in any order. */
  models: readonly ModelEntry[];
  /** What its streams will ask for. */
  wantedPerSecond: number;
}

export interface FittingDetector {
  detector: BrowserDetector;
  /** Goes on choosing, from what the detector then does. */
  policy: SizePolicy;
  /** The models in the policy's order, largest first. */
  models: readonly ModelEntry[];
  /** Detections a second that the benchmark promised at the size chosen. */
  perSecond: number;
}

/**
 * Starts a detector at the largest size, measures it, and starts it anew at a smaller one if this machine does not keep
 * up. Rejects as `start` does; then nothing is left behind.
 */
export async function startFittingDetector(
  { models, wantedPerSecond, ...options }: FittingOptions,
  events: BrowserDetectorEvents,
  start: typeof startBrowserDetector,
  signal?: AbortSignal,
): Promise<FittingDetector> {
  const pixels = ({ width, height }: ModelEntry): number => width * height;
  const sorted = [...models].sort((a, b) => pixels(b) - pixels(a));
  const policy = new SizePolicy({ pixels: sorted.map(pixels) });
  const first = await start({ ...options, model: sorted[0]! }, events, signal);
  const capacity = await first.benchmark();
  const index = policy.begin(0, capacity, wantedPerSecond);
  if (index === 0) return { detector: first, policy, models: sorted, perSecond: capacity };
  first.close();
  const detector = await start({ ...options, model: sorted[index]! }, events, signal);
  return { detector, policy, models: sorted, perSecond: await detector.benchmark() };
}
