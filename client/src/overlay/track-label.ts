import type { FrameTrack } from './frame-message.js';

/** The words beside a box. */
export interface TrackLabel {
  /** `87`, or empty while the speed is not known. */
  speed: string;
  /** `±2`, where it says something. */
  uncertainty: string;
  /** `km/h`, or empty. */
  unit: string;
  /** `#12 car`. */
  name: string;
}

/** A speed less certain than this share of itself (and than MAX_SIGMA_KMH) is no speed. */
const MAX_SIGMA_SHARE = 0.2;
const MAX_SIGMA_KMH = 6;

/**
 * What to write for a track. A speed that is mostly uncertainty is left out; below one km/h the uncertainty is left out,
 * since the rounding hides it.
 */
export function trackLabel(track: Pick<FrameTrack, 'id' | 'className' | 'speedKmh' | 'speedSigmaKmh'>): TrackLabel {
  const name = `#${track.id} ${track.className}`;
  const { speedKmh, speedSigmaKmh } = track;
  if (speedKmh === null || !Number.isFinite(speedKmh)) return { speed: '', uncertainty: '', unit: '', name };
  const sigma = speedSigmaKmh ?? 0;
  if (sigma > MAX_SIGMA_KMH && sigma > MAX_SIGMA_SHARE * speedKmh)
    return { speed: '', uncertainty: '', unit: '', name };
  const uncertainty = sigma >= 1 ? `±${Math.round(sigma)}` : '';
  return { speed: String(Math.max(0, Math.round(speedKmh))), uncertainty, unit: 'km/h', name };
}
