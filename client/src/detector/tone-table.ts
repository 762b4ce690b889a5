/** Entries of a table of tones, over 0..1. */
export const TONES = 256;
/** Luma levels of a limited-range ramp, from black to white. */
export const RAMP_LEVELS = 220;
/** Half a step of 8 bits: a smaller change is none. */
const TOLERANCE = 0.5 / 255;

/**
 * What undoes a browser's change of tones. WebGPU gives a video's colours converted to sRGB, its transfer function
 * included: a mid-grey of BT.709 arrives some 5 % brighter than the number that is in the video, which is what the
 * network was trained on and what the server sees. `measured[i]` is what arrived for level `i` of a ramp from 0 to 1.
 *
 * Returns `TONES` values: the tone in the video for each tone that arrives; null if they are the same.
 */
export function toneTable(measured: Float32Array): Float32Array<ArrayBuffer> | null {
  const last = measured.length - 1;
  if (measured.every((value, level) => Math.abs(value - level / last) < TOLERANCE)) return null;
  const table = new Float32Array(TONES);
  let level = 0;
  for (let i = 0; i < TONES; i++) {
    const arrived = i / (TONES - 1);
    while (level < last && measured[level + 1]! < arrived) level++;
    const [from, to] = [measured[level]!, measured[Math.min(level + 1, last)]!];
    const share = to > from ? Math.min(1, Math.max(0, (arrived - from) / (to - from))) : 0;
    table[i] = Math.min(1, (level + share) / last);
  }
  return table;
}
