import { attributeOf, GraphIndex } from '../onnx/graph.js';
import type { Graph } from '../onnx/schema.js';
import { DataType, toHalfTensor, toNumber } from '../onnx/tensor.js';

/**
 * Turns weights and arithmetic into binary16. `Resize` keeps its region and scales in float32, as its definition
 * demands. Inputs and outputs are the caller's to cast.
 */
export function convertToHalf(graph: Graph): void {
  const index = new GraphIndex(graph);
  const keep = new Set<string>();
  for (const node of graph.node) {
    if (node.opType === 'Resize')
      for (const input of node.input.slice(1)) if (index.initializer(input)) keep.add(input);
    if (node.opType === 'Cast') {
      const to = attributeOf(node, 'to');
      if (to?.i !== undefined && toNumber(to.i) === DataType.float) to.i = DataType.float16;
    }
  }
  graph.initializer = graph.initializer.map((tensor) => (keep.has(tensor.name) ? tensor : toHalfTensor(tensor)));
}
