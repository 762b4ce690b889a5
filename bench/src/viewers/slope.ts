/** A straight line through points by least squares, with the standard error of its slope. Pure. */
export interface Slope {
  perX: number;
  /** The upper end of the slope's 95 % interval (normal; good from about ten points on). */
  upper95: number;
}

/** @throws RangeError for fewer than three points, or all at one x. */
export function fitSlope(points: readonly { x: number; y: number }[]): Slope {
  const n = points.length;
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / n;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / n;
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  if (n < 3 || spread === 0) throw new RangeError(`A line needs three points at different places, got ${n}`);
  const perX = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
  const residual = points.reduce((sum, { x, y }) => sum + (y - meanY - perX * (x - meanX)) ** 2, 0);
  return { perX, upper95: perX + 1.96 * Math.sqrt(residual / (n - 2) / spread) };
}
