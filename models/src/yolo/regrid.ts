import { GraphIndex } from '../onnx/graph.js';
import type { Graph } from '../onnx/schema.js';
import { dimsOf, intTensor, readInts } from '../onnx/tensor.js';

/** Picture sizes that an export was made for, and is to be made for. */
export interface Regrid {
  from: { height: number; width: number };
  to: { height: number; width: number };
  strides: readonly number[];
}

/**
 * Frees the fixed shapes of the backbone's `Reshape` nodes (YOLO11's attention): a leading 1 becomes 0, "as the
 * input's", for any batch; the number of cells of one of the grids, or its height and width at the end, becomes the
 * new size's. Everything else in these networks is convolution, which takes any size.
 */
export function regridReshapes(graph: Graph, { from, to, strides }: Regrid): void {
  const index = new GraphIndex(graph);
  const grids = strides.map((stride) => ({
    from: [from.height / stride, from.width / stride] as const,
    to: [to.height / stride, to.width / stride] as const,
  }));
  for (const node of graph.node) {
    if (node.opType !== 'Reshape') continue;
    const tensor = index.initializer(node.input[1]);
    if (!tensor || dimsOf(tensor).length !== 1) continue;
    const shape = readInts(tensor);
    if (shape[0] === 1) shape[0] = 0;
    const last = shape.length - 1;
    const map = grids.find((grid) => shape[last - 1] === grid.from[0] && shape[last] === grid.from[1]);
    if (shape.length >= 4 && map) {
      [shape[last - 1], shape[last]] = map.to;
    } else {
      for (let axis = 1; axis <= last; axis++) {
        const cells = grids.find((grid) => shape[axis] === grid.from[0] * grid.from[1]);
        // One axis of cells in a shape: channel counts that happen to be equal stand before it.
        if (cells && !shape.slice(axis + 1).includes(shape[axis]!)) shape[axis] = cells.to[0] * cells.to[1];
      }
    }
    // Shapes may be shared by several nodes, so each gets its own.
    const own = intTensor(`${node.output[0]!}/shape`, shape);
    graph.initializer.push(own);
    node.input[1] = own.name;
  }
}
