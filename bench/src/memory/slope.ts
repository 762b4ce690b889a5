/**
 * How fast something grows, and how fast it might, from samples that depend on one another. Pure.
 *
 * Memory rises and falls with collections and viewers for minutes: neighbouring samples tell the same story twice, and
 * the textbook error of a fitted line is far too small. So (batch means: Law, Simulation Modeling and Analysis, 9.5.3):
 * the samples are gathered in blocks of equal length, each as long as one round of the churn; the line is fitted to the
 * medians of the blocks, which spikes do not move; and where neighbouring residuals still go together the error is widened
 * as for a first-order autoregression, by the root of (1 + r) / (1 - r) (Bayley and Hammersley, 1946).
 */
export interface Sample {
  timeS: number;
  value: number;
}

export interface SlopeFit {
  /** Of the value an hour. */
  slopePerHour: number;
  /** The two ends of the slope's 95 % interval. */
  lowerPerHour: number;
  upperPerHour: number;
  /** The line's value at the first block's middle. */
  startValue: number;
  blocks: { timeS: number; value: number }[];
  /** Of neighbouring residuals. */
  autocorrelation: number;
}

/** Below it an interval is wider than anything that it could tell. */
export const MIN_BLOCKS = 8;

/** Fits a line to the medians of blocks of `blockS` seconds; null where there are fewer than MIN_BLOCKS full ones. */
export function fitSlope(samples: readonly Sample[], blockS: number): SlopeFit | null {
  const blocks = blockMedians(samples, blockS);
  const n = blocks.length;
  if (n < MIN_BLOCKS) return null;
  const meanTime = mean(blocks.map(({ timeS }) => timeS));
  const meanValue = mean(blocks.map(({ value }) => value));
  let sxx = 0;
  let sxy = 0;
  for (const { timeS, value } of blocks) {
    sxx += (timeS - meanTime) ** 2;
    sxy += (timeS - meanTime) * (value - meanValue);
  }
  const slope = sxy / sxx;
  const residuals = blocks.map(({ timeS, value }) => value - meanValue - slope * (timeS - meanTime));
  const variance = residuals.reduce((sum, r) => sum + r * r, 0) / (n - 2);
  const autocorrelation = lagOne(residuals);
  // A negative one would narrow the interval; from so few blocks that is not to be believed.
  const r = Math.min(0.9, Math.max(0, autocorrelation));
  const standardError = Math.sqrt((variance / sxx) * ((1 + r) / (1 - r)));
  const margin = studentT975(n - 2) * standardError;
  return {
    slopePerHour: 3600 * slope,
    lowerPerHour: 3600 * (slope - margin),
    upperPerHour: 3600 * (slope + margin),
    startValue: meanValue + slope * (blocks[0]!.timeS - meanTime),
    blocks,
    autocorrelation,
  };
}

/** The medians of consecutive blocks, at their middles; a block at the end that is not full is left out. */
function blockMedians(samples: readonly Sample[], blockS: number): { timeS: number; value: number }[] {
  const [first] = samples;
  const last = samples.at(-1);
  if (!first || !last) return [];
  const values: (number[] | undefined)[] = [];
  for (const { timeS, value } of samples) (values[Math.floor((timeS - first.timeS) / blockS)] ??= []).push(value);
  // The last sample stands for the time up to the next one.
  const spacingS = (last.timeS - first.timeS) / Math.max(1, samples.length - 1);
  const full = Math.floor((last.timeS - first.timeS + 1.5 * spacingS) / blockS);
  return values.slice(0, full).flatMap((ofBlock, i) => {
    const timeS = first.timeS + (i + 0.5) * blockS;
    return ofBlock ? [{ timeS, value: median(ofBlock) }] : [];
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

function lagOne(residuals: readonly number[]): number {
  const total = residuals.reduce((sum, r) => sum + r * r, 0);
  if (total === 0) return 0;
  let product = 0;
  for (let i = 1; i < residuals.length; i++) product += residuals[i]! * residuals[i - 1]!;
  return product / total;
}

/** The 97.5 % point of Student's t for 3 degrees of freedom or more (Abramowitz and Stegun 26.7.5; within 0.5 %). */
export function studentT975(degrees: number): number {
  const z = 1.959964;
  const g1 = (z ** 3 + z) / 4;
  const g2 = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const g3 = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + g1 / degrees + g2 / degrees ** 2 + g3 / degrees ** 3;
}
