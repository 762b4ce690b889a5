import { addFirstMaximum } from '../class-scores.js';
import { OUTPUT_CHANNELS, OUTPUT_NAME } from '../metadata.js';
import { GraphIndex } from '../onnx/graph.js';
import { valueInfo, type GraphBuilder } from '../onnx/graph-builder.js';
import type { Graph, Node } from '../onnx/schema.js';
import { DataType, takeRows, type FloatType } from '../onnx/tensor.js';
import type { ClassGroup } from './class-map.js';
import type { DetectHead, HeadLevel } from './detect-head.js';

export interface TailOptions {
  height: number;
  width: number;
  groups: readonly ClassGroup[];
  /** Element type of the head's convolutions. */
  type: FloatType;
}

/** Centres (in pixels) and strides of every cell, grid after grid, row by row. */
export function anchorsOf(levels: readonly { stride: number }[], height: number, width: number) {
  const xs: number[] = [];
  const ys: number[] = [];
  const strides: number[] = [];
  for (const { stride } of levels) {
    for (let y = stride / 2; y < height; y += stride) {
      for (let x = stride / 2; x < width; x += stride) {
        xs.push(x);
        ys.push(y);
        strides.push(stride);
      }
    }
  }
  return { count: xs.length, xs, ys, strides };
}

/**
 * Replaces everything after the head's convolutions: `[B,6,N]` out, float32 throughout (binary16 has steps of half a
 * pixel above 512). Channels of unwanted classes are cut out of the last convolutions' weights, so they cost nothing.
 */
export function addDecodeTail(builder: GraphBuilder, graph: Graph, head: DetectHead, options: TailOptions): void {
  const { height, width, groups, type } = options;
  const anchors = anchorsOf(head.levels, height, width);
  const { count } = anchors;
  const channels = groups.flatMap((group) => group.channels);
  for (const level of head.levels) keepChannels(graph, level.scores, channels);

  const flat = (pick: (level: HeadLevel) => Node, size: number): string => {
    const parts = head.levels.map((level) => builder.reshape(pick(level).output[0]!, 0, size, -1));
    const joined = builder.node('Concat', parts, { axis: 2 });
    return type === DataType.float ? joined : builder.node('Cast', [joined], { to: DataType.float });
  };

  const distances = addDistances(
    builder,
    flat((level) => level.box, 4 * head.bins),
    head.bins,
  );
  const strides = builder.floats([1, 1, count], anchors.strides);
  const near = builder.slice(distances, 1, 0, 2);
  const far = builder.slice(distances, 1, 2, 4);
  const size = builder.node('Mul', [builder.node('Add', [near, far]), strides]);
  const halfStrides = builder.floats(
    [1, 1, count],
    anchors.strides.map((stride) => stride / 2),
  );
  const shift = builder.node('Mul', [builder.node('Sub', [far, near]), halfStrides]);
  const centre = builder.node('Add', [builder.floats([1, 2, count], [...anchors.xs, ...anchors.ys]), shift]);

  // The sigmoid rises everywhere: the largest logit has the largest score.
  const logits = flat((level) => level.scores, channels.length);
  let next = 0;
  const best = groups.map((group) =>
    group.channels.map(() => builder.slice(logits, 1, next, ++next)).reduce((a, b) => builder.node('Max', [a, b])),
  );
  const { best: logit, index } = addFirstMaximum(builder, best);
  builder.node('Concat', [centre, size, builder.node('Sigmoid', [logit]), index], { axis: 1 }, OUTPUT_NAME);
  graph.output = [valueInfo(OUTPUT_NAME, DataType.float, ['batch', OUTPUT_CHANNELS, count])];
}

/** Exponents of larger logits would overflow in sums and quotients; trained heads stay far within. */
const LOGIT_LIMIT = 60;

/**
 * `[B,4*bins,N]` distributions to `[B,4,N]` expected distances, in cells: the softmax's weighted and plain sums, for
 * all sides by one matrix, since a Softmax over the bins would need them last: two transpositions and, on a CPU, three
 * times the time.
 */
function addDistances(builder: GraphBuilder, boxes: string, bins: number): string {
  const limited = builder.node('Clip', [boxes, builder.scalar(-LOGIT_LIMIT), builder.scalar(LOGIT_LIMIT)]);
  const weights = builder.node('Exp', [limited]);
  const rows = Array.from({ length: 8 }, (_, row) =>
    Array.from({ length: 4 * bins }, (_, channel) => {
      if (Math.floor(channel / bins) !== row % 4) return 0;
      return row < 4 ? channel % bins : 1;
    }),
  );
  const sums = builder.node('MatMul', [builder.floats([8, 4 * bins], rows.flat()), weights]);
  return builder.node('Div', [builder.slice(sums, 1, 0, 4), builder.slice(sums, 1, 4, 8)]);
}

/** Cuts a convolution's weights and bias down to some output channels. */
function keepChannels(graph: Graph, conv: Node, channels: readonly number[]): void {
  const index = new GraphIndex(graph);
  for (const position of [1, 2]) {
    const tensor = index.initializer(conv.input[position]);
    if (!tensor) continue; // no bias
    const cut = takeRows(tensor, channels, `${conv.output[0]!}/kept_${position}`);
    graph.initializer.push(cut);
    conv.input[position] = cut.name;
  }
}
