export interface CalibrationOptions {
  /** Times one inference of a batch, in milliseconds. */
  measure: (batch: number) => Promise<number>;
  /** Larger batches are not tried. */
  limit: number;
  /** Runs per size, of which the fastest counts. Default 3. */
  repeats?: number;
  /** The share of time per frame that doubling must save to be worth the later answer. Default 0.25. */
  minGain?: number;
  /**
   * A larger maximum makes no answer later: each batch runs at the smallest size that holds it (CUDA). Then the size
   * with the lowest time per frame is taken, of all up to `limit`.
   */
  sized?: boolean;
}

/**
 * The largest batch that pays: sizes 1, 2, 4... are timed while each doubling lowers the time per frame by at least
 * `minGain`. On two CPU cores that is 1 (a batch of 2 saves about 15 % a frame, but every answer comes nearly twice as
 * late); on a data-centre GPU about 32.
 */
export async function calibrateMaxBatch({
  measure,
  limit,
  repeats = 3,
  minGain = 0.25,
  sized = false,
}: CalibrationOptions): Promise<number> {
  const perFrame = async (batch: number): Promise<number> => {
    await measure(batch); // the first run of a size allocates and picks kernels
    let best = Infinity;
    for (let i = 0; i < repeats; i++) best = Math.min(best, await measure(batch));
    return best / batch;
  };
  let batch = 1;
  let cost = await perFrame(1);
  const costs = new Map([[1, cost]]);
  while (batch < limit) {
    const larger = Math.min(2 * batch, limit);
    const largerCost = await perFrame(larger);
    if (sized) {
      costs.set(larger, largerCost);
    } else if (largerCost > cost * (1 - minGain)) {
      return batch;
    }
    batch = larger;
    cost = largerCost;
  }
  return sized ? [...costs].reduce((best, next) => (next[1] <= best[1] ? next : best))[0] : batch;
}

/**
 * The sizes that inference runs at. With `exact` every size; otherwise powers of two and the maximum, and smaller
 * batches are filled up: on CUDA each size costs a session of its own, and empty places cost next to nothing.
 */
export function batchSizes(maxBatch: number, exact: boolean): number[] {
  const sizes: number[] = [];
  for (let size = 1; size < maxBatch; size = exact ? size + 1 : 2 * size) sizes.push(size);
  return [...sizes, maxBatch];
}
