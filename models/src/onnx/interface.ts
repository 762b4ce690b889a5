import protobuf from 'protobufjs';
import { ModelError } from '../errors.js';
import { decodePair, decodeValueInfo, type StringPair, type ValueInfo } from './schema.js';

/** What a model takes, gives and says about itself. */
export interface ModelInterface {
  /** Without those that are only names for weights. */
  inputs: ValueInfo[];
  outputs: ValueInfo[];
  metadata: StringPair[];
}

/** Field numbers of ModelProto and GraphProto. */
const MODEL_IR_VERSION = 1;
const MODEL_GRAPH = 7;
const MODEL_METADATA = 14;
const GRAPH_NODE = 1;
const GRAPH_INITIALIZER = 5;
const GRAPH_INPUT = 11;
const GRAPH_OUTPUT = 12;
const TENSOR_NAME = 8;
const LENGTH_DELIMITED = 2;

/** Calls `visit` with each length-delimited field, in file order; other fields are passed over. */
function eachField(bytes: Uint8Array, visit: (field: number, body: () => Uint8Array) => void): Set<number> {
  const reader = protobuf.Reader.create(bytes);
  const seen = new Set<number>();
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const field = tag >>> 3;
    if (field === 0) throw new RangeError('field number 0');
    seen.add(field);
    if ((tag & 7) === LENGTH_DELIMITED) {
      const length = reader.uint32();
      const start = reader.pos;
      reader.skip(length);
      visit(field, () => bytes.subarray(start, start + length));
    } else {
      reader.skipType(tag & 7);
    }
  }
  return seen;
}

/** Reads a model's interface, passing over nodes and weights. Throws a ModelError `model-not-onnx`. */
export function decodeInterface(bytes: Uint8Array): ModelInterface {
  const model: ModelInterface = { inputs: [], outputs: [], metadata: [] };
  const initializers = new Set<string>();
  let nodes = 0;
  try {
    const seen = eachField(bytes, (field, body) => {
      if (field === MODEL_METADATA) model.metadata.push(decodePair(body()));
      if (field !== MODEL_GRAPH) return;
      eachField(body(), (part, content) => {
        if (part === GRAPH_NODE) nodes++;
        if (part === GRAPH_INPUT) model.inputs.push(decodeValueInfo(content()));
        if (part === GRAPH_OUTPUT) model.outputs.push(decodeValueInfo(content()));
        if (part === GRAPH_INITIALIZER)
          eachField(content(), (tensorField, name) => {
            if (tensorField === TENSOR_NAME) initializers.add(new TextDecoder().decode(name()));
          });
      });
    });
    if (!seen.has(MODEL_IR_VERSION) || nodes === 0) throw new RangeError('no graph');
  } catch (error) {
    throw new ModelError('model-not-onnx', 'not an ONNX model', { cause: error });
  }
  model.inputs = model.inputs.filter((input) => !initializers.has(input.name));
  return model;
}
