import { valueInfo, GraphBuilder } from '../dist/onnx/graph-builder.js';
import { encodeModel, type Graph } from '../dist/onnx/schema.js';
import { DataType } from '../dist/onnx/tensor.js';

/** Classes of the tiny network; `van` counts as a car. */
export const TINY_NAMES = ['person', 'car', 'van', 'bus', 'truck', 'motorcycle'];
const CHANNELS = 8;
const BINS = 16;
const HEADS = 2;
const STRIDES = [8, 16, 32];

/** mulberry32: the same weights at every size. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface TinyOptions {
  height: number;
  width: number;
  /** How the exporter joins the grids: boxes and scores apart (as YOLOv8 was), or per grid and split afterwards. */
  layout: 'apart' | 'together';
  opset: 12 | 17;
}

/**
 * A network with random weights that is built as exporters build YOLOv8 and YOLO11: fixed size, batch 1, attention at
 * stride 32 with fixed shapes, three grids, boxes as distributions. Small enough to be held against its own
 * preparation without any downloaded model.
 */
export function tinyYolo({ height, width, layout, opset }: TinyOptions): Uint8Array {
  const graph: Graph = { name: 'tiny', node: [], initializer: [], input: [], output: [], valueInfo: [] };
  const b = new GraphBuilder(graph, '/model');
  const next = random(1);
  const weights = (count: number, scale: number) =>
    Float32Array.from({ length: count }, () => scale * (2 * next() - 1));
  const conv = (input: string, from: number, to: number, size: number, stride: number, scale: number): string => {
    const kernel = b.floats([to, from, size, size], weights(to * from * size * size, scale));
    const pad = (size - 1) / 2;
    return b.node('Conv', [input, kernel, b.floats([to], weights(to, scale))], {
      kernel_shape: [size, size],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
    });
  };
  const act = (x: string) => b.node('Mul', [x, b.node('Sigmoid', [x])]);
  const down = (x: string, from: number) => act(conv(x, from, CHANNELS, 3, 2, 0.5));

  graph.input.push(valueInfo('images', DataType.float, [1, 3, height, width]));
  const p3 = down(down(down('images', 3), CHANNELS), CHANNELS);
  const p4 = down(p3, CHANNELS);
  const p5 = addAttention(b, down(p4, CHANNELS), height / 32, width / 32);
  const up = b.node('Resize', [p5, b.floats([0], []), b.floats([4], [1, 1, 2, 2])], {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  });
  const features = [p3, b.node('Concat', [up, p4], { axis: 1 }), p5];

  const classes = TINY_NAMES.length;
  const outputs = features.map((feature, level) => {
    const from = level === 1 ? 2 * CHANNELS : CHANNELS;
    return { boxes: conv(feature, from, 4 * BINS, 1, 1, 1), scores: conv(feature, from, classes, 1, 1, 1) };
  });
  const cells = STRIDES.map((stride) => (height / stride) * (width / stride));
  const count = cells.reduce((a, c) => a + c);
  const join = (maps: string[], channels: number) =>
    b.node(
      'Concat',
      maps.map((map) => b.reshape(map, 1, channels, -1)),
      { axis: 2 },
    );
  let boxes: string;
  let scores: string;
  if (layout === 'apart') {
    boxes = join(
      outputs.map((output) => output.boxes),
      4 * BINS,
    );
    scores = join(
      outputs.map((output) => output.scores),
      classes,
    );
  } else {
    const pairs = outputs.map((output) => b.node('Concat', [output.boxes, output.scores], { axis: 1 }));
    const all = join(pairs, 4 * BINS + classes);
    boxes = b.slice(all, 1, 0, 4 * BINS);
    scores = b.slice(all, 1, 4 * BINS, 4 * BINS + classes);
  }

  const distances = addDistances(b, boxes, count);
  const grid = gridOf(height, width);
  const anchors = b.floats(
    [1, 2, count],
    grid.flatMap((axis) => axis.anchors),
  );
  const leftTop = b.node('Sub', [anchors, b.slice(distances, 1, 0, 2)]);
  const rightBottom = b.node('Add', [anchors, b.slice(distances, 1, 2, 4)]);
  const centre = b.node('Div', [b.node('Add', [leftTop, rightBottom]), b.scalar(2)]);
  const size = b.node('Sub', [rightBottom, leftTop]);
  const strides = b.floats(
    [1, count],
    cells.flatMap((n, level) => Array.from({ length: n }, () => STRIDES[level]!)),
  );
  const pixels = b.node('Mul', [b.node('Concat', [centre, size], { axis: 1 }), strides]);
  b.node('Concat', [pixels, b.node('Sigmoid', [scores])], { axis: 1 }, 'output0');
  graph.output.push(valueInfo('output0', DataType.float, [1, 4 + classes, count]));
  return encodeModel({
    irVersion: 7,
    graph,
    opsetImport: [{ domain: '', version: opset }],
    metadataProps: [
      { key: 'description', value: 'tiny' },
      { key: 'license', value: 'MIT' },
      { key: 'names', value: `{${TINY_NAMES.map((name, i) => `${i}: '${name}'`).join(', ')}}` },
    ],
  });
}

function addAttention(b: GraphBuilder, x: string, rows: number, columns: number): string {
  const values = b.reshape(x, 1, HEADS, CHANNELS / HEADS, rows * columns);
  const products = b.node('MatMul', [b.node('Transpose', [values], { perm: [0, 1, 3, 2] }), values]);
  const attention = b.node('Softmax', [products], { axis: 3 });
  const mixed = b.node('MatMul', [values, b.node('Transpose', [attention], { perm: [0, 1, 3, 2] })]);
  return b.node('Add', [x, b.reshape(mixed, 1, CHANNELS, rows, columns)]);
}

/** The expectation of each side's distribution, with the convolution that exporters use for it. */
function addDistances(b: GraphBuilder, boxes: string, count: number): string {
  const split = b.reshape(boxes, 1, 4, BINS, count);
  const last = b.node('Softmax', [b.node('Transpose', [split], { perm: [0, 3, 1, 2] })], { axis: 3 });
  const bins = b.node('Transpose', [last], { perm: [0, 3, 2, 1] });
  const counting = b.floats(
    [1, BINS, 1, 1],
    Array.from({ length: BINS }, (_, bin) => bin),
  );
  return b.reshape(b.node('Conv', [bins, counting], { kernel_shape: [1, 1] }), 1, 4, count);
}

/** Cell centres in units of cells: first all x, then all y. */
function gridOf(height: number, width: number): { anchors: number[] }[] {
  const cells = STRIDES.flatMap((stride) => {
    const columns = width / stride;
    return Array.from({ length: columns * (height / stride) }, (_, i) => [
      (i % columns) + 0.5,
      Math.floor(i / columns) + 0.5,
    ]);
  });
  return [0, 1].map((axis) => ({ anchors: cells.map((cell) => cell[axis]!) }));
}
