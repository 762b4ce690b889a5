import type { Head } from './metadata.js';
import { valueInfo, type GraphBuilder } from './onnx/graph-builder.js';
import type { Graph } from './onnx/schema.js';
import { DataType, type FloatType } from './onnx/tensor.js';

const RED = 0.2126;
const BLUE = 0.0722;
const GREEN = 1 - RED - BLUE;

/** Luma weights of BT.709 (ITU-R BT.709-6, item 3.2). */
export const BT709 = { red: RED, green: GREEN, blue: BLUE } as const;

/**
 * 8-bit limited-range BT.709 (luma 16..235, chroma 16..240 around 128) to RGB in 0..1:
 * `rgb = luma * (Y - 16) + cb * (Cb - 128) + cr * (Cr - 128)`, with `cb` and `cr` for red, green and blue.
 */
export const BT709_LIMITED = {
  luma: 1 / 219,
  cb: [0, (-2 * BLUE * (1 - BLUE)) / GREEN / 224, (2 * (1 - BLUE)) / 224],
  cr: [(2 * (1 - RED)) / 224, (-2 * RED * (1 - RED)) / GREEN / 224, 0],
} as const;

export interface HeadOptions {
  head: Head;
  height: number;
  width: number;
  /** Element type of the RGB picture that the head hands on. */
  type: FloatType;
}

function addNv12(
  builder: GraphBuilder,
  graph: Graph,
  { height, width, type }: HeadOptions,
): [luma: string, chroma: string] {
  graph.input.push(valueInfo('nv12', DataType.uint8, ['batch', height * 1.5, width]));
  // Cast before anything else: uint8 kernels for Slice and Reshape are missing in some execution providers.
  const bytes = builder.node('Cast', ['nv12'], { to: type });
  const luma = builder.reshape(builder.slice(bytes, 1, 0, height), 0, 1, height, width);
  const pairs = builder.reshape(builder.slice(bytes, 1, height, height * 1.5), 0, height / 2, width / 2, 2);
  return [luma, builder.node('Transpose', [pairs], { perm: [0, 3, 1, 2] })];
}

/**
 * Adds the model's input and the conversion to RGB `[B,3,H,W]`, 0..1 (clipped, as any 8-bit conversion would), and
 * returns the RGB value. Chroma is upsampled by repetition.
 */
export function addRgbHead(builder: GraphBuilder, graph: Graph, options: HeadOptions): string {
  const { head, height, width, type } = options;
  if (head === 'rgb') {
    graph.input.push(valueInfo('rgb', DataType.float, ['batch', 3, height, width]));
    return type === DataType.float ? 'rgb' : builder.node('Cast', ['rgb'], { to: type });
  }
  const [luma, chroma] = addNv12(builder, graph, options);
  // Element by element, with the colour arithmetic at chroma's quarter of the pixels: a 1x1 convolution from three to
  // three channels takes four times as long on a CPU, whose kernels work on eight. Offsets first: exact in binary16.
  const centred = builder.node('Sub', [chroma, builder.scalar(128, type)]);
  const share = (channel: 0 | 1, weights: readonly number[]) =>
    builder.node('Mul', [builder.slice(centred, 1, channel, channel + 1), builder.floats([1, 3, 1, 1], weights, type)]);
  const tint = builder.node('Add', [share(0, BT709_LIMITED.cb), share(1, BT709_LIMITED.cr)]);
  const scales = builder.floats([4], [1, 1, 2, 2]);
  const tintFull = builder.node('Resize', [tint, builder.floats([0], []), scales], {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  });
  const above = builder.node('Sub', [luma, builder.scalar(16, type)]);
  const grey = builder.node('Mul', [above, builder.scalar(BT709_LIMITED.luma, type)]);
  const rgb = builder.node('Add', [grey, tintFull]);
  return builder.node('Clip', [rgb, builder.scalar(0, type), builder.scalar(1, type)]);
}

/** Adds the model's input and returns luma `[B,1,H,W]` on the 8-bit limited scale (16..235), float32. */
export function addLumaHead(builder: GraphBuilder, graph: Graph, options: HeadOptions): string {
  if (options.head === 'nv12') return addNv12(builder, graph, options)[0];
  const rgb = addRgbHead(builder, graph, options);
  const weights = builder.floats([1, 3, 1, 1], [219 * RED, 219 * GREEN, 219 * BLUE], options.type);
  return builder.node('Conv', [rgb, weights, builder.floats([1], [16], options.type)], { kernel_shape: [1, 1] });
}
