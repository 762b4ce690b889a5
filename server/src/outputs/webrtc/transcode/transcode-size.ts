/** What is encoded at most: the processor time that a picture takes goes with its pixels. */
export const MAX_TRANSCODE_PIXELS = 1280 * 720;

/** Bits for each pixel and frame at most; what `ultrafast` needs for a road without visible blocks. */
const MAX_BITS_PER_PIXEL = 0.15;
const MIN_BITS_PER_S = 500_000;
const MAX_BITS_PER_S = 5_000_000;

export interface TranscodeSize {
  width: number;
  height: number;
}

/** The size that a picture of a camera is encoded at: its own, or 1280 x 720 in area if that is less; sides are even. */
export function transcodeSize({ width, height }: TranscodeSize): TranscodeSize {
  const share = Math.min(1, Math.sqrt(MAX_TRANSCODE_PIXELS / (width * height)));
  const even = (side: number): number => Math.max(2, 2 * Math.floor((side * share) / 2));
  return { width: even(width), height: even(height) };
}

/** The most that an encoded stream may take, bits a second. */
export function maxBitRate({ width, height }: TranscodeSize, fps: number): number {
  return Math.round(Math.min(MAX_BITS_PER_S, Math.max(MIN_BITS_PER_S, width * height * fps * MAX_BITS_PER_PIXEL)));
}
