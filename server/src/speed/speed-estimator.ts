import { inverse2 } from '../core/matrix2.js';
import type { GroundProjection } from './ground-projection.js';
import { fitVelocity, noiseSigmas, type GroundSample, type VelocityFit } from './velocity-fit.js';

const KMH_PER_MPS = 3.6;

/** Samples of so long ago are fitted: longer is calmer, and as the fit bends, hardly later ... */
const WINDOW_US = 1_500_000;
/** ... but at least this many, where frames are rare, ... */
const MIN_SAMPLES = 5;
/** ... unless they are older than this. A track that was not seen for so long has no state. */
const MAX_WINDOW_US = 3_000_000;
/** A fit over less time than this is not shown. */
const MIN_SPAN_US = 300_000;
/** Bounds the memory of a track at absurd frame rates. */
const MAX_SAMPLES = 512;
/** A speed is told from noise if the positions' own scatter would feign it no more often than this. */
const NOISE_PROBABILITY = 0.01;
/** Slower than this is standing, however exact it is: parked vehicles' boxes creep. */
const STANDING_KMH = 0.5;
/** What cannot be told from 0 is called 0 only if anything faster than this would have been noticed. */
const NOTICEABLE_KMH = 5;

/** A track's ground contact point on a frame, in source pixels. */
export interface TrackPosition {
  readonly id: number;
  readonly xPx: number;
  readonly yPx: number;
}

export interface Speed {
  /** 0 for a standing vehicle. */
  speedKmh: number;
  /** One standard deviation. */
  sigmaKmh: number;
}

/**
 * The speeds of one stream's tracks: the slope, now, of a least-squares curve through the ground positions of about the
 * last one and a half seconds, over PTS. Dropped frames make it less certain, never faster or slower.
 *
 * What is shown:
 * - nothing before 5 samples over 0.3 s, and nothing again after 3 s without a sample;
 * - the fit, if it is above its own noise (what scatter feigns in 1 % of cases: about 3 sigma) and 0.5 km/h;
 * - 0, if it is below either and the noise is at most 5 km/h: it stands, or creeps;
 * - nothing otherwise: it may stand or drive, the positions are too noisy to tell.
 *
 * Its whole memory is the samples of the last three seconds, so a track is forgotten without being told.
 */
export class SpeedEstimator {
  #projection: GroundProjection;
  readonly #samples = new Map<number, GroundSample[]>();
  #lastUs = -Infinity;

  constructor(projection: GroundProjection) {
    this.#projection = projection;
  }

  /** A new calibration, live at once: earlier positions are in the old metres and are forgotten. */
  set projection(projection: GroundProjection) {
    this.#projection = projection;
    this.#samples.clear();
  }

  /** Tracks that it keeps samples of. */
  get trackCount(): number {
    return this.#samples.size;
  }

  /** A new epoch: track ids begin again. */
  reset(): void {
    this.#samples.clear();
    this.#lastUs = -Infinity;
  }

  /**
   * Takes the positions of the tracks seen on the frame at `ptsUs` and returns each one's speed, in their order; null
   * where it is not known. Positions that are not finite, or do not project onto the ground, are passed over. A PTS
   * that is not above the last one begins anew.
   */
  update(positions: readonly TrackPosition[], ptsUs: number): (Speed | null)[] {
    if (!Number.isFinite(ptsUs)) return positions.map(() => null);
    if (ptsUs <= this.#lastUs) this.reset();
    this.#lastUs = ptsUs;
    const speeds = positions.map((position) => this.#observe(position, ptsUs));
    for (const [id, samples] of this.#samples) {
      const newest = samples.at(-1);
      if (!newest || ptsUs - newest.ptsUs > MAX_WINDOW_US) this.#samples.delete(id);
    }
    return speeds;
  }

  #observe({ id, xPx, yPx }: TrackPosition, ptsUs: number): Speed | null {
    let samples = this.#samples.get(id);
    const sample = this.#place(xPx, yPx, ptsUs);
    if (sample) {
      if (!samples) this.#samples.set(id, (samples = []));
      samples.push(sample);
    }
    if (!samples) return null;
    trim(samples, ptsUs);
    if (samples.length < MIN_SAMPLES || samples.at(-1)!.ptsUs - samples[0]!.ptsUs < MIN_SPAN_US) return null;
    const fit = fitVelocity(samples);
    return fit && toSpeed(fit);
  }

  /** Null where the point is not on the ground. */
  #place(xPx: number, yPx: number, ptsUs: number): GroundSample | null {
    const [xM, yM] = this.#projection.project(xPx, yPx);
    const pxPerM = inverse2(this.#projection.jacobian(xPx, yPx));
    return pxPerM && Number.isFinite(xM) && Number.isFinite(yM) ? { ptsUs, xM, yM, pxPerM } : null;
  }
}

/** Drops the samples that have left the window. */
function trim(samples: GroundSample[], nowUs: number): void {
  let drop = Math.max(0, samples.length - MAX_SAMPLES);
  while (drop < samples.length) {
    const ageUs = nowUs - samples[drop]!.ptsUs;
    const isSpare = samples.length - drop > MIN_SAMPLES;
    if (ageUs <= WINDOW_US || (!isSpare && ageUs <= MAX_WINDOW_US)) break;
    drop++;
  }
  samples.splice(0, drop);
}

/** The rule that the class describes. */
function toSpeed(fit: VelocityFit): Speed | null {
  const speedKmh = KMH_PER_MPS * Math.hypot(fit.vxMps, fit.vyMps);
  const sigmaKmh = KMH_PER_MPS * fit.sigmaMps;
  const noise = noiseSigmas(fit.freedom, NOISE_PROBABILITY);
  if (speedKmh >= STANDING_KMH && fit.sigmasFromRest >= noise) return { speedKmh, sigmaKmh };
  const noticedKmh = KMH_PER_MPS * noise * fit.widestSigmaMps;
  return noticedKmh <= NOTICEABLE_KMH ? { speedKmh: 0, sigmaKmh } : null;
}
