export interface CalibrationOptions {
  /** Times one inference of a batch, in milliseconds. */
  measure: (batch: number) => Promise<number>;
  /** Larger batches are not tried. */
  limit: number;
  /** Runs per size, of which the fastest counts. Default 3. */
  repeats?: number;
  /** The share of time per frame that doubling must save to be worth the later answer. Default 0.25. */
  minGain?: number;
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
}: CalibrationOptions): Promise<number> {
  const perFrame = async (batch: number): Promise<number> => {
    await measure(batch); // the first run of a size allocates and picks kernels
    let best = Infinity;
    for (let i = 0; i < repeats; i++) best = Math.min(best, await measure(batch));
    return best / batch;
  };
  let batch = 1;
  let cost = await perFrame(1);
  while (batch < limit) {
    const larger = Math.min(2 * batch, limit);
    const largerCost = await perFrame(larger);
    if (largerCost > cost * (1 - minGain)) break;
    batch = larger;
    cost = largerCost;
  }
  return batch;
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
