import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { ModelError } from './errors.js';
import {
  CONFIDENT_SCORE_KEY,
  OUTPUT_CHANNELS,
  parseConfidentScore,
  readMetadata,
  type PipelineMetadata,
} from './metadata.js';
import { decodeInterface, type ModelInterface } from './onnx/interface.js';
import type { ValueInfo } from './onnx/schema.js';
import { DataType, toNumber } from './onnx/tensor.js';
import { parseNames } from './yolo/class-map.js';

/** A model that the detector can run as it is. */
export interface PipelineModel extends PipelineMetadata {
  kind: 'pipeline';
  inputName: string;
  outputName: string;
  /** Boxes per picture before suppression: the N of `[B,6,N]`. */
  candidateCount: number;
}

/** A stock YOLOv8/YOLO11-style export, which `prepareModel` can turn into a pipeline model. */
export interface StockDetector {
  kind: 'stock';
  /** The name that it gives itself, else the empty string. */
  name: string;
  /** Input size in pixels; null where the export leaves it open. */
  height: number | null;
  width: number | null;
  classCount: number | null;
  /** Class index to name; empty if the export does not say. */
  classNames: ReadonlyMap<number, string>;
  stride: number;
  license: string;
  author: string;
  /** See `PipelineMetadata`. */
  confidentScore: number | null;
}

export type ModelDescription = PipelineModel | StockDetector;

type Size = number | null;

function shapeOf(value: ValueInfo): Size[] {
  const dims = value.type?.tensorType?.shape?.dim ?? [];
  return dims.map((dim) => (Object.hasOwn(dim, 'dimValue') ? toNumber(dim.dimValue!) : null));
}

const inWords = (values: ValueInfo[]): string =>
  values
    .map(
      (value) =>
        `${value.name} [${shapeOf(value)
          .map((size) => size ?? '?')
          .join(',')}]`,
    )
    .join(', ') || 'none';

/** The bytes of a model file; a ModelError `model-missing` if there are none. */
export function readModelFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new ModelError('model-missing', `cannot read the model file ${path} (${reason})`, { cause: error });
  }
}

function pipelineModel(metadata: PipelineMetadata, model: ModelInterface): PipelineModel {
  const [input] = model.inputs;
  const [output] = model.outputs;
  const { head, height, width } = metadata;
  const expected = head === 'nv12' ? [null, height * 1.5, width] : [null, 3, height, width];
  const elemType = head === 'nv12' ? DataType.uint8 : DataType.float;
  const shape = output ? shapeOf(output) : [];
  const candidateCount = shape[2];
  if (
    !input ||
    !output ||
    model.inputs.length !== 1 ||
    input.type?.tensorType?.elemType !== elemType ||
    shapeOf(input).join() !== expected.join() ||
    output.type?.tensorType?.elemType !== DataType.float ||
    shape.length !== 3 ||
    shape[1] !== OUTPUT_CHANNELS ||
    !candidateCount
  )
    throw new ModelError(
      'model-metadata',
      `the model says it is a ${head} model of ${width} x ${height}, but it maps ${inWords(model.inputs)} to ` +
        `${inWords(model.outputs)}: prepare it again`,
    );
  return { kind: 'pipeline', ...metadata, inputName: input.name, outputName: output.name, candidateCount };
}

function stockDetector(model: ModelInterface): StockDetector {
  const metadata = new Map(model.metadata.map(({ key, value }) => [key, value]));
  const [input] = model.inputs;
  const [output] = model.outputs;
  const [batch, channels, height, width] = input ? shapeOf(input) : [];
  const outputShape = output ? shapeOf(output) : [];
  const rows = outputShape[1] ?? null;
  if (
    model.inputs.length !== 1 ||
    model.outputs.length !== 1 ||
    batch === undefined ||
    (channels !== 3 && channels !== null) ||
    height === undefined ||
    width === undefined ||
    input?.type?.tensorType?.elemType !== DataType.float ||
    outputShape.length !== 3 ||
    (rows !== null && rows < 5)
  )
    throw new ModelError(
      'model-unsupported',
      `not a YOLOv8/YOLO11 detector ([B,3,H,W] -> [B,4+classes,N]): it maps ${inWords(model.inputs)} to ${inWords(model.outputs)}`,
    );
  const classNames = parseNames(metadata.get('names') ?? '');
  return {
    kind: 'stock',
    name: metadata.get('description') ?? '',
    height,
    width,
    classCount: rows === null ? null : rows - 4,
    classNames,
    stride: Number(metadata.get('stride') ?? 32) || 32,
    license: metadata.get('license') ?? 'unknown',
    author: metadata.get('author') ?? '',
    confidentScore: parseConfidentScore(metadata.get(CONFIDENT_SCORE_KEY)),
  };
}

/**
 * What a model is, from its bytes: a pipeline model, or a stock export that can be prepared. Weights are not decoded.
 * Throws a ModelError `model-not-onnx`, `model-unsupported` (says what was found) or `model-metadata`.
 */
export function describeModelBytes(bytes: Uint8Array): ModelDescription {
  const model = decodeInterface(bytes);
  const metadata = readMetadata(model.metadata);
  return metadata ? pipelineModel(metadata, model) : stockDetector(model);
}

/** As `describeModelBytes`, with the file's name in the error; `model-missing` if it cannot be read. */
export function describeModel(path: string): ModelDescription {
  try {
    return describeModelBytes(readModelFile(path));
  } catch (error) {
    if (!(error instanceof ModelError) || error.code === 'model-missing') throw error;
    throw new ModelError(error.code, `${basename(path)}: ${error.message}`, { cause: error });
  }
}
