import { describeModelBytes, type StockDetector } from './describe.js';
import { ModelError } from './errors.js';
import { addRgbHead } from './heads.js';
import {
  colourMatrixOf,
  HEADS,
  PRECISIONS,
  writeMetadata,
  type Head,
  type PipelineMetadata,
  type Precision,
} from './metadata.js';
import { GraphIndex, hoistConstants, prune } from './onnx/graph.js';
import { GraphBuilder } from './onnx/graph-builder.js';
import { decodeModel, encodeModel, type Model } from './onnx/schema.js';
import { DataType, toNumber } from './onnx/tensor.js';
import { addPackedNv12Input, findPackedInput } from './packed-input.js';
import { widenConvolutions } from './widen-convolutions.js';
import { groupClasses, VEHICLES, type ClassMapping } from './yolo/class-map.js';
import { addDecodeTail } from './yolo/decode-tail.js';
import { findDetectHead } from './yolo/detect-head.js';
import { convertToHalf } from './yolo/half.js';
import { regridReshapes } from './yolo/regrid.js';

/** What to make of a stock export. */
export interface PrepareOptions {
  head: Head;
  precision: Precision;
  /** Model-input size in pixels, multiples of the model's stride (32). */
  height: number;
  width: number;
  /** Output classes and the source's classes that count as each; default: car, motorcycle, bus, truck. */
  classes?: ClassMapping;
  /** Name for the metadata; default: the name that the export gives itself. */
  source?: string;
}

/** Oldest opset whose `Resize`, `Clip` and `Slice` are the ones that the head and the tail are written in. */
const MIN_OPSET = 11;
const MAX_SIZE_PX = 4096;

function checkOptions(options: PrepareOptions, stride: number): void {
  if (!HEADS.includes(options.head))
    throw new ModelError('model-options', `head ${options.head}: use ${HEADS.join(' or ')}`);
  if (!PRECISIONS.includes(options.precision))
    throw new ModelError('model-options', `precision ${options.precision}: use ${PRECISIONS.join(' or ')}`);
  for (const side of ['height', 'width'] as const) {
    const size = options[side];
    if (!Number.isInteger(size) || size < stride || size > MAX_SIZE_PX || size % stride !== 0)
      throw new ModelError(
        'model-options',
        `${side} ${size}: use a multiple of ${stride} from ${stride} to ${MAX_SIZE_PX}`,
      );
  }
}

function checkOpset(model: Model): void {
  const opset = model.opsetImport.find(({ domain }) => !domain || domain === 'ai.onnx');
  const version = opset ? toNumber(opset.version) : 0;
  if (version < MIN_OPSET)
    throw new ModelError(
      'model-unsupported',
      `the model has opset ${version}: export it again with opset ${MIN_OPSET} or newer`,
    );
}

/**
 * Turns a stock YOLOv8/YOLO11 export (`[B,3,H,W] -> [B,4+classes,N]`) into a pipeline model: the same weights, with
 * colour conversion in front, box decoding and class reduction behind, any batch, and the size given here.
 *
 * Precision: `fp32` for CPUs; `fp16` for CUDA and WebGPU (half the bytes, tensor cores). A CPU runs `fp16` too, some
 * 3 % slower than `fp32`, since ONNX Runtime converts the weights once and computes in float32: no gain but the file's
 * size. In `fp16`, weights and everything up to the head's last convolutions are binary16; box decoding and scores
 * stay float32. Input and output types do not depend on it.
 *
 * A network that begins with the packing convolution (`packed-input.ts`; our own does) gets its NV12 planes without a
 * detour through RGB.
 *
 * Throws a ModelError: `model-not-onnx`, `model-unsupported` (says what was found), `model-options`.
 */
export function prepareModel(bytes: Uint8Array, options: PrepareOptions): Uint8Array {
  const stock = describeModelBytes(bytes);
  if (stock.kind === 'pipeline')
    throw new ModelError(
      'model-unsupported',
      `already a pipeline model (${stock.source}): prepare the stock export it came from`,
    );

  const model = decodeModel(bytes);
  checkOpset(model);
  const { graph } = model;
  hoistConstants(graph);
  const head = findDetectHead(new GraphIndex(graph), graph.output[0]!.name);
  const maxStride = Math.max(stock.stride, ...head.levels.map((level) => level.stride));
  checkOptions(options, maxStride);
  const groups = groupClasses(stock.classNames, head.classCount, options.classes ?? VEHICLES);

  // Cut the stock tail off, so that only the backbone is regridded and converted.
  const pictureName = inputName(model);
  graph.output = head.levels.flatMap((level) => [level.box, level.scores]).map((conv) => ({ name: conv.output[0]! }));
  graph.valueInfo = [];
  prune(graph);
  if (stock.height !== null && stock.width !== null) {
    const from = { height: stock.height, width: stock.width };
    regridReshapes(graph, { from, to: options, strides: head.levels.map((level) => level.stride) });
  }
  const packed = options.head === 'nv12' ? findPackedInput(graph, pictureName) : null;
  const type = options.precision === 'fp16' ? DataType.float16 : DataType.float;
  // Browsers run it, on their GPUs, too.
  if (options.head === 'rgb') widenConvolutions(graph);
  if (type === DataType.float16) convertToHalf(graph);

  const builder = new GraphBuilder(graph, 'lanecast');
  graph.input = [];
  if (packed) {
    addPackedNv12Input(builder, graph, packed, { ...options, type });
  } else {
    const backbone = [...graph.node];
    const rgb = addRgbHead(builder, graph, { ...options, type });
    for (const node of backbone) node.input = node.input.map((input) => (input === pictureName ? rgb : input));
  }
  addDecodeTail(builder, graph, head, { ...options, groups, type });
  prune(graph);

  return encodeModel(
    finish(model, { ...describeResult(stock, options), stride: maxStride, classes: groups.map((g) => g.name) }),
  );
}

function inputName({ graph }: Model): string {
  const index = new GraphIndex(graph);
  return graph.input.find((input) => !index.initializer(input.name))!.name;
}

function describeResult(stock: StockDetector, options: PrepareOptions): Omit<PipelineMetadata, 'stride' | 'classes'> {
  const { head, precision, height, width } = options;
  return {
    source: options.source ?? (stock.name || 'unnamed detector'),
    license: stock.license,
    author: stock.author,
    head,
    precision,
    height,
    width,
    colourMatrix: colourMatrixOf(head),
    confidentScore: stock.confidentScore,
  };
}

function finish(model: Model, metadata: PipelineMetadata): Model {
  model.producerName = 'lanecast';
  model.producerVersion = '';
  model.metadataProps = writeMetadata(metadata);
  return model;
}
