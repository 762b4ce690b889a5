import type { Detection } from '../core/types.js';

/** No picture has coordinates beyond this. Areas and variances of what is within cannot overflow. */
const MAX_COORDINATE_PX = 1e6;
/** A thinner box has no meaningful aspect ratio. */
const MIN_SIDE_PX = 1e-3;
const MAX_SCORE = 1e6;
const MAX_CLASS_INDEX = 65_535;

/** True if the tracker can work with it: finite, not inverted or empty, of a plausible size, with a class index. */
export function isUsable(detection: Detection): boolean {
  const { x1, y1, x2, y2, score, classIndex } = detection;
  // Comparisons with NaN are false, so every test is written to be true for good values.
  return (
    Math.abs(x1) <= MAX_COORDINATE_PX &&
    Math.abs(y1) <= MAX_COORDINATE_PX &&
    Math.abs(x2) <= MAX_COORDINATE_PX &&
    Math.abs(y2) <= MAX_COORDINATE_PX &&
    x2 - x1 >= MIN_SIDE_PX &&
    y2 - y1 >= MIN_SIDE_PX &&
    Math.abs(score) <= MAX_SCORE &&
    Number.isInteger(classIndex) &&
    classIndex >= 0 &&
    classIndex <= MAX_CLASS_INDEX
  );
}

/**
 * The detections that the tracker works with, in their order: the usable ones, and of more than `limit` those with the
 * highest scores (the earlier of equals).
 */
export function gate(detections: readonly Detection[], limit: number): Detection[] {
  const usable = detections.filter(isUsable);
  if (usable.length <= limit) return usable;
  const best = usable.map((_, index) => index).sort((a, b) => usable[b]!.score - usable[a]!.score || a - b);
  return best
    .slice(0, limit)
    .sort((a, b) => a - b)
    .map((index) => usable[index]!);
}
