import { BT709, BT709_LIMITED } from './heads.js';
import { valueInfo, type GraphBuilder } from './onnx/graph-builder.js';
import { attributeOf, GraphIndex } from './onnx/graph.js';
import type { Graph, Node } from './onnx/schema.js';
import { DataType, dimsOf, readFloats, toNumber, type FloatType } from './onnx/tensor.js';

/** Channels of the packed picture: four luma samples of 2 x 2 pixels, Cb, Cr. */
const CHANNELS = 6;
const LUMA_SAMPLES = 4;
/** What may lie between an exporter's constants and ours. */
const TOLERANCE = 1e-5;

/**
 * The first two convolutions of a network that was trained on a camera's own pixels: `pack` turns RGB (0..1) into the
 * bytes that NV12 would hold, /255 and packed to half the size; `stem` is the first one with learned weights.
 */
export interface PackedInput {
  pack: Node;
  stem: Node;
  /** `[outputs, 6, kernel, kernel]` */
  weights: Float32Array;
  outputs: number;
  kernel: number;
  stride: number;
  pad: number;
}

/** `[6,3,2,2]`: what `pack` does to red, green and blue of each 2 x 2 pixels. */
export function packingWeights(): { weights: Float32Array; offsets: Float32Array } {
  const luma = [BT709.red, BT709.green, BT709.blue];
  const weights = new Float32Array(CHANNELS * 3 * 4);
  for (let colour = 0; colour < 3; colour++) {
    for (let place = 0; place < LUMA_SAMPLES; place++) {
      const at = (channel: number) => (channel * 3 + colour) * 4 + place;
      weights[at(place)] = luma[colour]! / BT709_LIMITED.luma / 255;
      // Chroma is the mean over the four pixels.
      weights[at(4)] = ((colour === 2 ? 1 : 0) - luma[colour]!) / BT709_LIMITED.cb[2] / 255 / 4;
      weights[at(5)] = ((colour === 0 ? 1 : 0) - luma[colour]!) / BT709_LIMITED.cr[0] / 255 / 4;
    }
  }
  return { weights, offsets: Float32Array.of(16, 16, 16, 16, 128, 128).map((value) => value / 255) };
}

const near = (found: ArrayLike<number>, wanted: ArrayLike<number>): boolean =>
  found.length === wanted.length && Array.from(wanted).every((value, i) => Math.abs(value - found[i]!) < TOLERANCE);

const intsOf = (node: Node, name: string): number[] => attributeOf(node, name)?.ints?.map(toNumber) ?? [];
const allAre = (values: readonly number[], wanted: number): boolean => values.every((value) => value === wanted);

/** Finds the packing convolution by its weights; null if the network takes RGB in any other way. */
export function findPackedInput(graph: Graph, picture: string): PackedInput | null {
  const index = new GraphIndex(graph);
  const soleReader = (value: string): Node | null => {
    const readers = graph.node.filter((node) => node.input.includes(value));
    return readers.length === 1 && readers[0]!.opType === 'Conv' ? readers[0]! : null;
  };
  const pack = soleReader(picture);
  const packWeights = index.initializer(pack?.input[1]);
  const packOffsets = index.initializer(pack?.input[2]);
  if (!pack || !packWeights || !packOffsets || intsOf(pack, 'strides').join() !== '2,2') return null;
  const wanted = packingWeights();
  if (dimsOf(packWeights).join() !== '6,3,2,2' || !allAre(intsOf(pack, 'pads'), 0)) return null;
  if (!near(readFloats(packWeights), wanted.weights) || !near(readFloats(packOffsets), wanted.offsets)) return null;

  const stem = soleReader(pack.output[0]!);
  const tensor = index.initializer(stem?.input[1]);
  if (!stem || !tensor || toNumber(attributeOf(stem, 'group')?.i ?? 1) !== 1) return null;
  const [outputs, inputs, kernel, kernelWidth] = dimsOf(tensor);
  const strides = intsOf(stem, 'strides');
  const pads = intsOf(stem, 'pads');
  const [stride = 1] = strides;
  const [pad = 0] = pads;
  if (inputs !== CHANNELS || kernel !== kernelWidth || !allAre(strides, stride) || !allAre(pads, pad)) return null;
  if (!allAre(intsOf(stem, 'dilations'), 1)) return null;
  return { pack, stem, weights: readFloats(tensor), outputs: outputs!, kernel: kernel!, stride, pad };
}

/**
 * Replaces `pack` and `stem` by two convolutions that read the planes of NV12 where they lie, and adds the input: luma
 * as one channel with windows of twice the size, chroma as one channel whose columns alternate between Cb and Cr.
 * Exact, padding included: both pad with what a byte of 0 means. For our network at 640x384 on two CPU cores: 6.6 ms,
 * where converting to RGB first makes it 9.3.
 */
export function addPackedNv12Input(
  builder: GraphBuilder,
  graph: Graph,
  { pack, stem, weights, outputs, kernel, stride, pad }: PackedInput,
  { height, width, type }: { height: number; width: number; type: FloatType },
): void {
  graph.input.push(valueInfo('nv12', DataType.uint8, ['batch', height * 1.5, width]));
  const bytes = builder.node('Cast', ['nv12'], { to: type });
  // The scale goes into the weights where they can hold it: binary16 has few bits below 1/16384.
  const inWeights = type === DataType.float;
  const scale = inWeights ? 1 / 255 : 1;
  const samples = inWeights ? bytes : builder.node('Mul', [bytes, builder.scalar(1 / 255, type)]);
  const luma = builder.reshape(builder.slice(samples, 1, 0, height), 0, 1, height, width);
  const chroma = builder.reshape(builder.slice(samples, 1, height, height * 1.5), 0, 1, height / 2, width);

  const lumaWeights = new Float32Array(outputs * LUMA_SAMPLES * kernel * kernel);
  const chromaWeights = new Float32Array(outputs * 2 * kernel * kernel);
  for (let output = 0; output < outputs; output++) {
    for (let row = 0; row < kernel; row++) {
      for (let column = 0; column < kernel; column++) {
        const weight = (channel: number) =>
          scale * weights[((output * CHANNELS + channel) * kernel + row) * kernel + column]!;
        for (let place = 0; place < LUMA_SAMPLES; place++) {
          const y = 2 * row + (place >> 1);
          const x = 2 * column + (place & 1);
          lumaWeights[(output * 2 * kernel + y) * 2 * kernel + x] = weight(place);
        }
        for (let sample = 0; sample < 2; sample++)
          chromaWeights[(output * kernel + row) * 2 * kernel + 2 * column + sample] = weight(LUMA_SAMPLES + sample);
      }
    }
  }
  const bias = stem.input[2];
  const fromLuma = builder.node(
    'Conv',
    [luma, builder.floats([outputs, 1, 2 * kernel, 2 * kernel], lumaWeights, type), ...(bias ? [bias] : [])],
    {
      kernel_shape: [2 * kernel, 2 * kernel],
      strides: [2 * stride, 2 * stride],
      pads: [2 * pad, 2 * pad, 2 * pad, 2 * pad],
    },
  );
  const fromChroma = builder.node(
    'Conv',
    [chroma, builder.floats([outputs, 1, kernel, 2 * kernel], chromaWeights, type)],
    { kernel_shape: [kernel, 2 * kernel], strides: [stride, 2 * stride], pads: [pad, 2 * pad, pad, 2 * pad] },
  );
  graph.node = graph.node.filter((node) => node !== pack && node !== stem);
  builder.node('Add', [fromLuma, fromChroma], {}, stem.output[0]);
}
