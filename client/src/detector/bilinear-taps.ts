/** How each sample of a line is made of the source's: `count` neighbours from `starts[i]` on, with weights that sum to 1. */
export interface Taps {
  count: number;
  starts: Uint32Array;
  /** `count` a sample. */
  weights: Float32Array;
}

/**
 * Bilinear scaling of a line, as swscale and Pillow do it: a triangle as wide as two source samples, or as two target
 * samples where the picture shrinks, so that nothing aliases. Pixel centres line up; beyond the edge the last sample
 * repeats. (The server's letterbox is swscale's `SWS_BILINEAR`.)
 */
export function bilinearTaps(source: number, target: number): Taps {
  const ratio = source / target;
  const support = Math.max(1, ratio);
  const count = Math.min(source, Math.ceil(2 * support) + 1);
  const starts = new Uint32Array(target);
  const weights = new Float32Array(target * count);
  for (let i = 0; i < target; i++) {
    const centre = (i + 0.5) * ratio - 0.5;
    const first = Math.ceil(centre - support);
    const start = Math.min(Math.max(0, first), source - count);
    starts[i] = start;
    let sum = 0;
    for (let j = first; j <= centre + support; j++) {
      const weight = Math.max(0, 1 - Math.abs(j - centre) / support);
      const inside = Math.min(source - 1, Math.max(0, j));
      weights[i * count + inside - start]! += weight;
      sum += weight;
    }
    for (let k = 0; k < count; k++) weights[i * count + k]! /= sum;
  }
  return { count, starts, weights };
}
