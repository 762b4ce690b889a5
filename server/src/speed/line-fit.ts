/** A position on the ground at a time. */
export interface GroundSample {
  readonly ptsUs: number;
  readonly xM: number;
  readonly yM: number;
}

/** Velocity on the ground from a straight-line fit. */
export interface VelocityFit {
  vxMps: number;
  vyMps: number;
  /** One standard deviation of each component, from the residuals. */
  sigmaMps: number;
  /** Degrees of freedom behind it: two coordinates a sample, less two per axis for the line. */
  freedom: number;
}

/** Residuals that follow one another closely count for less; beyond this their number says nothing any more. */
const MAX_CORRELATION = 0.9;

/**
 * Ordinary least squares of `x(t)` and `y(t)` over at least three samples at different times; null for fewer. Both
 * axes share one residual variance. Errors of a detector's boxes resemble each other from frame to frame, which makes
 * the textbook sigma too small; it is widened by `sqrt((1 + r) / (1 - r))` with `r` the residuals' lag-1
 * autocorrelation (Bayley and Hammersley, "The 'effective' number of independent observations in an autocorrelated
 * time series", 1946).
 */
export function fitVelocity(samples: readonly GroundSample[]): VelocityFit | null {
  const count = samples.length;
  if (count < 3) return null;
  // Times relative to the first sample keep microseconds of a long run exact.
  const originUs = samples[0]!.ptsUs;
  let meanT = 0;
  let meanX = 0;
  let meanY = 0;
  for (const { ptsUs, xM, yM } of samples) {
    meanT += (ptsUs - originUs) / 1e6 / count;
    meanX += xM / count;
    meanY += yM / count;
  }
  let sumTT = 0;
  let sumTX = 0;
  let sumTY = 0;
  for (const { ptsUs, xM, yM } of samples) {
    const t = (ptsUs - originUs) / 1e6 - meanT;
    sumTT += t * t;
    sumTX += t * (xM - meanX);
    sumTY += t * (yM - meanY);
  }
  if (!(sumTT > 0)) return null;
  const vxMps = sumTX / sumTT;
  const vyMps = sumTY / sumTT;

  let squares = 0;
  let neighbours = 0;
  let lastX = 0;
  let lastY = 0;
  samples.forEach(({ ptsUs, xM, yM }, index) => {
    const t = (ptsUs - originUs) / 1e6 - meanT;
    const x = xM - meanX - vxMps * t;
    const y = yM - meanY - vyMps * t;
    squares += x * x + y * y;
    if (index > 0) neighbours += x * lastX + y * lastY;
    lastX = x;
    lastY = y;
  });
  const correlation = squares > 0 ? Math.min(Math.max(neighbours / squares, 0), MAX_CORRELATION) : 0;
  const freedom = 2 * (count - 2);
  const variance = squares / freedom;
  const sigmaMps = Math.sqrt((variance / sumTT) * ((1 + correlation) / (1 - correlation)));
  return { vxMps, vyMps, sigmaMps, freedom };
}

/**
 * The speed that the errors alone, of an object at rest, exceed with `probability`: `speed^2 / (2 sigma^2)` of noise
 * has an F distribution with 2 and `freedom` degrees of freedom, whose quantile has a closed form. With many samples
 * about 3 sigma for 1 %, with the fewest nearly 5.
 */
export function noiseSpeedMps({ sigmaMps, freedom }: VelocityFit, probability: number): number {
  return sigmaMps * Math.sqrt(freedom * (probability ** (-2 / freedom) - 1));
}
