/** Times of one inference, batch 1, nothing else in this process. */
export interface Speed {
  runs: number;
  minMs: number;
  medianMs: number;
}

/** Inferences of one model before the next has its turn. */
const TURN = 10;

/**
 * Times several models in turns, so that what else the machine does meets all of them alike: trust the ratios. One
 * inference of each turn is not counted: it finds the other model's data in the caches.
 */
export async function measureSpeed(
  models: readonly { timeInference(): Promise<number> }[],
  runs: number,
): Promise<Speed[]> {
  const timesMs = models.map((): number[] => []);
  for (let left = runs; left > 0; left -= TURN) {
    for (const [i, model] of models.entries()) {
      await model.timeInference();
      for (let run = 0; run < Math.min(TURN, left); run++) timesMs[i]!.push(await model.timeInference());
    }
  }
  return timesMs.map((times) => {
    const sorted = times.sort((a, b) => a - b);
    return { runs, minMs: sorted[0]!, medianMs: sorted[sorted.length >> 1]! };
  });
}
