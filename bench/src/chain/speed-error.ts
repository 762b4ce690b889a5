/** A matched track's speed on one frame, beside the vehicle's own. */
export interface SpeedSample {
  truthKmh: number;
  /** null: none was shown. */
  shownKmh: number | null;
}

/** Errors of the speeds that were shown. */
export interface SpeedErrors {
  /** Matched samples of vehicles that drive. */
  samples: number;
  /** The part of them that had a speed, 0..1. */
  shown: number;
  medianKmh: number;
  p95Kmh: number;
  /** Mean of shown less true. */
  biasKmh: number;
  medianPercent: number;
  p95Percent: number;
  biasPercent: number;
}

/** Slower vehicles say nothing about an error in percent. */
export const MIN_TRUTH_KMH = 10;

/** Statistics over the samples of vehicles that drive faster than 10 km/h; null if no speed was shown. */
export function speedErrors(samples: readonly SpeedSample[]): SpeedErrors | null {
  const driving = samples.filter(({ truthKmh }) => truthKmh > MIN_TRUTH_KMH);
  const errors = driving.flatMap(({ truthKmh, shownKmh }) => {
    if (shownKmh === null) return [];
    const kmh = shownKmh - truthKmh;
    return [{ kmh, percent: (100 * kmh) / truthKmh }];
  });
  if (errors.length === 0) return null;
  const kmh = errors.map((error) => error.kmh);
  const percent = errors.map((error) => error.percent);
  return {
    samples: driving.length,
    shown: errors.length / driving.length,
    medianKmh: quantile(kmh.map(Math.abs), 0.5),
    p95Kmh: quantile(kmh.map(Math.abs), 0.95),
    biasKmh: mean(kmh),
    medianPercent: quantile(percent.map(Math.abs), 0.5),
    p95Percent: quantile(percent.map(Math.abs), 0.95),
    biasPercent: mean(percent),
  };
}

/** Between the two nearest of the sorted values, linearly. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)]!;
  const above = sorted[Math.ceil(position)]!;
  return below + (above - below) * (position - Math.floor(position));
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
