const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/**
 * IEEE 754 binary16 of a number, round to nearest even; too large becomes infinity, too small a subnormal or zero.
 * The number is rounded to float32 first, as ONNX weights are.
 */
export function toHalf(value: number): number {
  float[0] = value;
  const word = bits[0]!;
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x47800000) return sign | 0x7c00; // 65536 and above
  if (magnitude < 0x38800000) {
    // Below 2^-14: a multiple of 2^-24. Adding 0.5 lets the float adder do the rounding.
    float[0] = Math.abs(float[0]) + 0.5;
    return sign | (bits[0]! - 0x3f000000);
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13); // a carry out of the top value gives infinity, as it should
}

/** The number that a binary16 stands for. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
