/** `[a, b, c, d]`, row-major: a 2x2 matrix. */
export type Matrix2 = readonly [a: number, b: number, c: number, d: number];

/** The inverse; null if there is none (or none in float64). */
export function inverse2([a, b, c, d]: Matrix2): Matrix2 | null {
  const determinant = a * d - b * c;
  if (determinant === 0 || !Number.isFinite(1 / determinant)) return null;
  return [d / determinant, -b / determinant, -c / determinant, a / determinant];
}

export function multiply2([a, b, c, d]: Matrix2, [e, f, g, h]: Matrix2): Matrix2 {
  return [a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h];
}

export function apply2([a, b, c, d]: Matrix2, x: number, y: number): [number, number] {
  return [a * x + b * y, c * x + d * y];
}

export function subtract2([a, b, c, d]: Matrix2, [e, f, g, h]: Matrix2): Matrix2 {
  return [a - e, b - f, c - g, d - h];
}
