import { describe, expect, it } from 'vitest';
import { GraphBuilder, valueInfo } from '../dist/onnx/graph-builder.js';
import { encodeModel, type Graph } from '../dist/onnx/schema.js';
import { DataType, type FloatType } from '../dist/onnx/tensor.js';
import { addPackedNv12Input, findPackedInput, packingWeights } from '../dist/packed-input.js';
import { runModel, toRgb } from './support.js';

const HEIGHT = 24;
const WIDTH = 40;
const OUTPUTS = 5;

/** Repeatable numbers in -1..1. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  };
}

interface Variant {
  kernel: number;
  stride: number;
  packScale?: number;
}

/** RGB, the packing convolution, a stem with random weights. */
function network({ kernel, stride, packScale = 1 }: Variant): Graph {
  const graph: Graph = { name: 'packed', node: [], initializer: [], input: [], output: [], valueInfo: [] };
  const b = new GraphBuilder(graph, 'net');
  const next = noise(kernel + stride);
  graph.input.push(valueInfo('images', DataType.float, [1, 3, HEIGHT, WIDTH]));
  const { weights, offsets } = packingWeights();
  const pack = b.node(
    'Conv',
    [
      'images',
      b.floats(
        [6, 3, 2, 2],
        weights.map((w) => w * packScale),
      ),
      b.floats([6], offsets),
    ],
    { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] },
  );
  const pad = (kernel - 1) / 2;
  const stem = b.floats([OUTPUTS, 6, kernel, kernel], Float32Array.from({ length: OUTPUTS * 6 * kernel ** 2 }, next));
  b.node(
    'Conv',
    [pack, stem, b.floats([OUTPUTS], Float32Array.from({ length: OUTPUTS }, next))],
    { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad] },
    'features',
  );
  graph.output.push(valueInfo('features', DataType.float, ['batch', OUTPUTS, 'rows', 'columns']));
  return graph;
}

const encode = (graph: Graph) =>
  encodeModel({ irVersion: 7, graph, opsetImport: [{ domain: '', version: 13 }], metadataProps: [] });

function nv12Variant(variant: Variant, type: FloatType): Uint8Array {
  const graph = network(variant);
  const packed = findPackedInput(graph, 'images')!;
  const b = new GraphBuilder(graph, 'planes');
  graph.input = [];
  if (type === DataType.float16) packed.stem.input.length = 2; // its bias is float32
  addPackedNv12Input(b, graph, packed, { height: HEIGHT, width: WIDTH, type });
  if (type === DataType.float16) {
    b.node('Cast', ['features'], { to: DataType.float }, 'wide');
    graph.output = [valueInfo('wide', DataType.float, ['batch', OUTPUTS, 'rows', 'columns'])];
  }
  return encode(graph);
}

/** A picture without colours that clipping to 0..1 would change. */
function picture(): Uint8Array {
  const next = noise(7);
  return Uint8Array.from({ length: HEIGHT * 1.5 * WIDTH }, (_, i) =>
    i < HEIGHT * WIDTH ? 120 + 60 * next() : 128 + 20 * next(),
  );
}

describe('packed input', () => {
  it.each([
    { kernel: 3, stride: 2 },
    { kernel: 3, stride: 1 },
    { kernel: 5, stride: 2 },
    { kernel: 1, stride: 1 },
  ])('reads NV12 as the network reads RGB: kernel $kernel, stride $stride', async (variant) => {
    const nv12 = picture();
    const rgb = { data: toRgb(nv12, HEIGHT, WIDTH), dims: [1, 3, HEIGHT, WIDTH] };
    const expected = await runModel(encode(network(variant)), { images: rgb });
    const planes = { data: nv12, dims: [1, HEIGHT * 1.5, WIDTH] };
    const found = await runModel(nv12Variant(variant, DataType.float), { nv12: planes });
    const cells = (HEIGHT / 2 / variant.stride) * (WIDTH / 2 / variant.stride);
    expect(found['features']!.length).toBe(OUTPUTS * cells);
    const worst = found['features']!.map((value, i) => Math.abs(value - expected['features']![i]!));
    expect(Math.max(...worst)).toBeLessThan(2e-4);
  });

  it('keeps its precision in binary16', async () => {
    const variant = { kernel: 3, stride: 2 };
    const graph = network(variant);
    graph.node[1]!.input.length = 2;
    const nv12 = picture();
    const rgb = { data: toRgb(nv12, HEIGHT, WIDTH), dims: [1, 3, HEIGHT, WIDTH] };
    const expected = await runModel(encode(graph), { images: rgb });
    const planes = { data: nv12, dims: [1, HEIGHT * 1.5, WIDTH] };
    const found = await runModel(nv12Variant(variant, DataType.float16), { nv12: planes });
    const worst = found['wide']!.map((value, i) => Math.abs(value - expected['features']![i]!));
    expect(Math.max(...worst)).toBeLessThan(2e-2);
  });

  it('knows the packing by its weights', () => {
    expect(findPackedInput(network({ kernel: 3, stride: 2 }), 'images')).toMatchObject({ outputs: OUTPUTS, pad: 1 });
    expect(findPackedInput(network({ kernel: 3, stride: 2, packScale: 1.01 }), 'images')).toBeNull();
    expect(findPackedInput(network({ kernel: 3, stride: 2 }), 'pictures')).toBeNull();
  });

  it('leaves a network alone that uses the picture, or what is packed, a second time', () => {
    for (const value of ['images', 'packed']) {
      const graph = network({ kernel: 3, stride: 2 });
      const name = value === 'packed' ? graph.node[0]!.output[0]! : value;
      new GraphBuilder(graph, 'more').node('Relu', [name]);
      expect(findPackedInput(graph, 'images')).toBeNull();
    }
  });
});
