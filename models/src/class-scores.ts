import type { GraphBuilder } from './onnx/graph-builder.js';

/**
 * Adds the largest of several `[B,1,N]` values and, as floats, the position of the first that reaches it. Compared one
 * by one, since `ArgMax` answers in int64, which WebGPU does not compute.
 */
export function addFirstMaximum(builder: GraphBuilder, values: readonly string[]): { best: string; index: string } {
  let best = values[0]!;
  // Zero of the right shape, and NaN where the value is NaN.
  let index = builder.node('Mul', [best, builder.scalar(0)]);
  for (const [position, value] of values.entries()) {
    if (position === 0) continue;
    const greater = builder.node('Greater', [value, best]);
    index = builder.node('Where', [greater, builder.scalar(position), index]);
    best = builder.node('Max', [best, value]);
  }
  return { best, index };
}
