import { describe, expect, it } from 'vitest';
import { GraphBuilder, valueInfo } from '../dist/onnx/graph-builder.js';
import { prune } from '../dist/onnx/graph.js';
import { encodeModel, type Graph } from '../dist/onnx/schema.js';
import { DataType } from '../dist/onnx/tensor.js';
import { widenConvolutions } from '../dist/widen-convolutions.js';
import { runModel } from './support.js';

const HEIGHT = 9;
const WIDTH = 11;
const noise = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i * 12.9898));

function convolution(inputs: number, outputs: number, kernel: number): Graph {
  const graph: Graph = { name: 'one', node: [], initializer: [], input: [], output: [], valueInfo: [] };
  const builder = new GraphBuilder(graph, 'net');
  graph.input.push(valueInfo('x', DataType.float, [1, inputs, HEIGHT, WIDTH]));
  const weights = builder.floats([outputs, inputs, kernel, kernel], noise(outputs * inputs * kernel ** 2));
  const pad = (kernel - 1) / 2;
  builder.node(
    'Conv',
    ['x', weights, builder.floats([outputs], noise(outputs))],
    { kernel_shape: [kernel, kernel], strides: [2, 2], pads: [pad, pad, pad, pad] },
    'y',
  );
  graph.output.push(valueInfo('y', DataType.float, [1, outputs, 'rows', 'columns']));
  return graph;
}

const encode = (graph: Graph) =>
  encodeModel({ irVersion: 7, graph, opsetImport: [{ domain: '', version: 13 }], metadataProps: [] });

describe('widenConvolutions', () => {
  it.each([
    [6, 32, 3],
    [9, 8, 3],
    [30, 4, 5],
  ])('gives %i channels to %i (%i x %i) zeros, and the same numbers come out', async (inputs, outputs, kernel) => {
    const graph = convolution(inputs, outputs, kernel);
    const feed = { x: { data: noise(inputs * HEIGHT * WIDTH), dims: [1, inputs, HEIGHT, WIDTH] } };
    const before = (await runModel(encode(graph), feed))['y']!;
    widenConvolutions(graph);
    prune(graph);
    const weights = graph.initializer.find(({ dims }) => dims.length === 4)!;
    expect(weights.dims[1]).toBe(4 * Math.ceil(inputs / 4));
    const after = (await runModel(encode(graph), feed))['y']!;
    expect(after.length).toBe(before.length);
    before.forEach((value, i) => expect(after[i]).toBeCloseTo(value, 4));
  });

  it.each([
    [3, 32, 3],
    [12, 32, 3],
    [10, 32, 3],
    [6, 5, 3],
    [6, 32, 1],
  ])('leaves %i to %i (%i x) as it is', (inputs, outputs, kernel) => {
    const graph = convolution(inputs, outputs, kernel);
    const before = encode(graph);
    widenConvolutions(graph);
    expect(encode(graph)).toEqual(before);
  });
});
