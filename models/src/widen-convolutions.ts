import { GraphBuilder } from './onnx/graph-builder.js';
import { attributeOf, GraphIndex } from './onnx/graph.js';
import type { Graph } from './onnx/schema.js';
import { dimsOf, readFloats, toNumber } from './onnx/tensor.js';

const VECTOR = 4;

/**
 * ONNX Runtime's WebGPU kernels (1.29, the native ones; microsoft/onnxruntime issue 29651) compute a convolution
 * silently wrong if its input channels are a multiple of 3 and more than 3, but no multiple of 4, and its output
 * channels are a multiple of 4: 6 to 32 is wrong, 5 or 8 or 12 to 32 is right. Kernels of 1 x 1 take another way.
 */
function isMiscomputed(inputs: number, outputs: number, kernel: readonly number[]): boolean {
  const threes = inputs > 3 && inputs % 3 === 0 && inputs % VECTOR !== 0;
  return threes && outputs % VECTOR === 0 && kernel.some((size) => size > 1);
}

/**
 * For GPUs of browsers: gives such convolutions input channels of zeros up to a multiple of four, and weights of zero
 * for them. The same numbers come out. Float32 graphs; convert to binary16 afterwards.
 */
export function widenConvolutions(graph: Graph): void {
  const index = new GraphIndex(graph);
  const builder = new GraphBuilder(graph, 'lanecast/wide');
  for (const node of [...graph.node]) {
    const weights = node.opType === 'Conv' ? index.initializer(node.input[1]) : undefined;
    if (!weights || toNumber(attributeOf(node, 'group')?.i ?? 1) !== 1) continue;
    const [outputs, inputs, ...kernel] = dimsOf(weights) as [number, number, ...number[]];
    if (!isMiscomputed(inputs, outputs, kernel)) continue;
    const wide = VECTOR * Math.ceil(inputs / VECTOR);
    const ranks = 2 + kernel.length;
    // Before each axis, then after each: only after the channels.
    const pads = Array.from({ length: 2 * ranks }, (_, i) => (i === ranks + 1 ? wide - inputs : 0));
    const area = kernel.reduce((product, size) => product * size, 1);
    const narrow = readFloats(weights);
    const values = new Float32Array(outputs * wide * area);
    for (let output = 0; output < outputs; output++)
      values.set(narrow.subarray(output * inputs * area, (output + 1) * inputs * area), output * wide * area);
    node.input = [
      builder.node('Pad', [node.input[0]!, builder.ints(...pads)]),
      builder.floats([outputs, wide, ...kernel], values),
      ...node.input.slice(2),
    ];
  }
}
