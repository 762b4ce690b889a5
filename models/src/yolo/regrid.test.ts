import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { GraphIndex } from '../onnx/graph.js';
import type { Graph } from '../onnx/schema.js';
import { readInts } from '../onnx/tensor.js';
import { regridReshapes } from './regrid.js';

function regridded(...shape: number[]): number[] {
  const graph: Graph = { node: [], initializer: [], input: [], output: [], valueInfo: [] };
  new GraphBuilder(graph, 'test').reshape('x', ...shape);
  const size = { from: { height: 640, width: 640 }, to: { height: 384, width: 640 } };
  regridReshapes(graph, { ...size, strides: [8, 16, 32] });
  return readInts(new GraphIndex(graph).initializer(graph.node[0]!.input[1])!);
}

describe('regridReshapes', () => {
  it.each([
    ['attention over the cells of stride 32', [1, 2, 128, 400], [0, 2, 128, 240]],
    ['back to a map', [1, 128, 20, 20], [0, 128, 12, 20]],
    ['a map of stride 16', [1, 64, 40, 40], [0, 64, 24, 40]],
    ['as many channels as cells', [1, 400, 400], [0, 400, 240]],
    ['nothing of the kind', [2, 3, -1], [2, 3, -1]],
    ['a batch that is open already', [0, 64, -1], [0, 64, -1]],
  ])('%s', (_, from, to) => expect(regridded(...from)).toEqual(to));
});
