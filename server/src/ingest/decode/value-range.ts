const NARROW_LUMA = table((value) => 16 + (value * 219) / 255);
const NARROW_CHROMA = table((value) => 128 + ((value - 128) * 224) / 255);

function table(map: (value: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, value) => Math.round(map(value)));
}

/** Full range (0..255) to limited range (16..235, colour 16..240), in place, row by row. */
export function narrowRange(
  plane: Uint8Array,
  strideBytes: number,
  rowBytes: number,
  rows: number,
  isLuma: boolean,
): void {
  const narrow = isLuma ? NARROW_LUMA : NARROW_CHROMA;
  for (let row = 0; row < rows; row++) {
    const end = row * strideBytes + rowBytes;
    for (let at = row * strideBytes; at < end; at++) plane[at] = narrow[plane[at]!]!;
  }
}
