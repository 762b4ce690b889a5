const parsed = new Map<string, readonly [red: number, green: number, blue: number, alpha: number]>();

/**
 * A colour as four bytes, red in the lowest. `css`: `#rrggbb` or `rgba(r, g, b, a)`, the two ways that the overlay writes
 * them; `alpha` (0..1) is multiplied in. Not premultiplied. @throws RangeError for another notation.
 */
export function packedColour(css: string, alpha = 1): number {
  const [red, green, blue, own] = parse(css);
  return (red | (green << 8) | (blue << 16) | (Math.round(own * alpha * 255) << 24)) >>> 0;
}

function parse(css: string): readonly [number, number, number, number] {
  const known = parsed.get(css);
  if (known) return known;
  const hex = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(css);
  const rgba = /^rgba\((\d+), (\d+), (\d+), ([\d.]+)\)$/.exec(css);
  if (!hex && !rgba) throw new RangeError(`A colour in a notation that the overlay does not use: ${css}`);
  const colour = hex
    ? ([parseInt(hex[1]!, 16), parseInt(hex[2]!, 16), parseInt(hex[3]!, 16), 1] as const)
    : ([Number(rgba![1]), Number(rgba![2]), Number(rgba![3]), Number(rgba![4])] as const);
  parsed.set(css, colour);
  return colour;
}
