/** Full-range BT.601 colours (what JFIF prescribes), 0..255 each. */
export interface Colour {
  readonly y: number;
  readonly u: number;
  readonly v: number;
}

/** `0xrrggbb` (sRGB) to YCbCr: ITU-T T.871 (JFIF), section 7. */
export function fromRgb(rgb: number): Colour {
  const r = (rgb >> 16) & 0xff;
  const g = (rgb >> 8) & 0xff;
  const b = rgb & 0xff;
  const clamp = (value: number): number => Math.max(0, Math.min(255, Math.round(value)));
  return {
    y: clamp(0.299 * r + 0.587 * g + 0.114 * b),
    u: clamp(128 - 0.168736 * r - 0.331264 * g + 0.5 * b),
    v: clamp(128 + 0.5 * r - 0.418688 * g - 0.081312 * b),
  };
}

/** The picture's furniture. */
export const THEME = {
  background: fromRgb(0x0b0e13),
  panel: fromRgb(0x11161d),
  plate: fromRgb(0x07090c),
  text: fromRgb(0xf4f6f8),
  muted: fromRgb(0xa9b4c0),
  live: fromRgb(0x3ddc84),
  waiting: fromRgb(0xffb02e),
  lost: fromRgb(0xff5a4f),
} as const;

// Bright, well apart in hue, light enough to stand out from tarmac and dark enough against a pale sky.
const TRACK_COLOURS = [
  0x35c4ff, 0xffb000, 0x5fe07a, 0xff6fae, 0xb98cff, 0xffe14d, 0x2fe0c8, 0xff8a50, 0xa6e22e, 0x8fa8ff, 0xff7070,
  0xe58cff,
].map(fromRgb);

/** The colour of a track: always the same for one id, different for neighbours. */
export function trackColour(id: number): Colour {
  // 5 has no factor in common with 12: twelve consecutive ids have twelve colours, neighbours far apart in hue.
  return TRACK_COLOURS[(Math.abs(Math.trunc(id)) * 5) % TRACK_COLOURS.length]!;
}
