import type { ModelEntry } from '@lanecast/server/core/model-entry';

/** A stream that is detected so often is tracked well. */
const WANTED_PER_STREAM = 12;

const pixels = ({ width, height }: ModelEntry): number => width * height;

/** The models of one precision, largest first; and which of them a page begins with. */
export function modelsOf(models: readonly ModelEntry[], precision: ModelEntry['precision']) {
  const sizes = models.filter((model) => model.precision === precision).sort((a, b) => pixels(b) - pixels(a));
  return { sizes, first: sizes.find(({ isDefault }) => isDefault) ?? sizes[0] ?? null };
}

/**
 * The largest model with which a machine that does `perS` detections a second with `measured` can serve `streamCount`
 * streams, else the smallest; never a larger one than was measured, since the server's own size is what its figures rest
 * on. Time per frame is taken as proportional to the pixels, which a convolutional network's nearly is.
 */
export function fittingModel(
  sizes: readonly ModelEntry[],
  measured: ModelEntry,
  perS: number,
  streamCount: number,
): ModelEntry {
  const candidates = sizes.filter((model) => pixels(model) <= pixels(measured));
  const wantedPerS = WANTED_PER_STREAM * Math.max(1, streamCount);
  const fits = candidates.find((model) => (perS * pixels(measured)) / pixels(model) >= wantedPerS);
  return fits ?? candidates.at(-1) ?? measured;
}
