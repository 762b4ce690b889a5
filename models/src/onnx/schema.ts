import protobuf from 'protobufjs';

/**
 * The part of ONNX's protobuf schema that this package reads or writes (field numbers: onnx/onnx.proto, IR version 13).
 * Fields that are not named here are kept byte for byte when a model is decoded and encoded again.
 */
const SCHEMA = `
syntax = "proto2";
package onnx;
message StringStringEntryProto { optional string key = 1; optional string value = 2; }
message OperatorSetIdProto { optional string domain = 1; optional int64 version = 2; }
message TensorProto {
  repeated int64 dims = 1;
  optional int32 data_type = 2;
  repeated float float_data = 4 [packed = true];
  repeated int64 int64_data = 7 [packed = true];
  optional string name = 8;
  optional bytes raw_data = 9;
  optional int32 data_location = 14;
}
message AttributeProto {
  optional string name = 1;
  optional float f = 2;
  optional int64 i = 3;
  optional bytes s = 4;
  optional TensorProto t = 5;
  optional GraphProto g = 6;
  repeated float floats = 7;
  repeated int64 ints = 8;
  optional int32 type = 20;
}
message NodeProto {
  repeated string input = 1;
  repeated string output = 2;
  optional string name = 3;
  optional string op_type = 4;
  repeated AttributeProto attribute = 5;
  optional string domain = 7;
}
message Dimension { optional int64 dim_value = 1; optional string dim_param = 2; }
message TensorShapeProto { repeated Dimension dim = 1; }
message TensorTypeProto { optional int32 elem_type = 1; optional TensorShapeProto shape = 2; }
message TypeProto { optional TensorTypeProto tensor_type = 1; }
message ValueInfoProto { optional string name = 1; optional TypeProto type = 2; }
message GraphProto {
  repeated NodeProto node = 1;
  optional string name = 2;
  repeated TensorProto initializer = 5;
  repeated ValueInfoProto input = 11;
  repeated ValueInfoProto output = 12;
  repeated ValueInfoProto value_info = 13;
}
message ModelProto {
  optional int64 ir_version = 1;
  optional string producer_name = 2;
  optional string producer_version = 3;
  optional GraphProto graph = 7;
  repeated OperatorSetIdProto opset_import = 8;
  repeated StringStringEntryProto metadata_props = 14;
}
`;

/** Decoding yields 64-bit objects, building uses numbers; `toNumber` in tensor.ts reads both. */
export type Int64 = number | { toNumber(): number };

export interface StringPair {
  key: string;
  value: string;
}

export interface Tensor {
  dims: Int64[];
  dataType: number;
  name: string;
  rawData?: Uint8Array;
  floatData?: number[];
  int64Data?: Int64[];
  /** 1: the bytes are in another file. */
  dataLocation?: number;
}

export interface Attribute {
  name: string;
  type: number;
  f?: number;
  i?: Int64;
  s?: Uint8Array;
  t?: Tensor;
  g?: Graph;
  floats?: number[];
  ints?: Int64[];
}

export interface Node {
  input: string[];
  output: string[];
  name?: string;
  opType: string;
  attribute: Attribute[];
  domain?: string;
}

/** Absent fields of decoded messages read as their default (0, empty), so only `Object.hasOwn` tells. */
export interface Dimension {
  dimValue?: Int64;
  dimParam?: string;
}

export interface ValueInfo {
  name: string;
  type?: { tensorType?: { elemType: number; shape?: { dim: Dimension[] } } };
}

export interface Graph {
  node: Node[];
  name?: string;
  initializer: Tensor[];
  input: ValueInfo[];
  output: ValueInfo[];
  valueInfo: ValueInfo[];
}

export interface Model {
  irVersion: Int64;
  producerName?: string;
  producerVersion?: string;
  graph: Graph;
  opsetImport: { domain?: string; version: Int64 }[];
  metadataProps: StringPair[];
}

const root = protobuf.parse(SCHEMA).root;
const modelType = root.lookupType('onnx.ModelProto');
const pairType = root.lookupType('onnx.StringStringEntryProto');
const valueInfoType = root.lookupType('onnx.ValueInfoProto');

function readerOf(bytes: Uint8Array): protobuf.Reader {
  const reader = protobuf.Reader.create(bytes);
  reader.discardUnknown = false;
  return reader;
}

/** Decodes a whole model; weights are views of `bytes`, not copies. Throws what protobufjs throws on damaged bytes. */
export function decodeModel(bytes: Uint8Array): Model {
  return modelType.decode(readerOf(bytes)) as unknown as Model;
}

/** Encodes a model; fields that the schema does not know are written back as they came. */
export function encodeModel(model: Model): Uint8Array {
  return modelType.encode(model).finish();
}

export function decodePair(bytes: Uint8Array): StringPair {
  return pairType.decode(bytes) as unknown as StringPair;
}

export function decodeValueInfo(bytes: Uint8Array): ValueInfo {
  return valueInfoType.decode(bytes) as unknown as ValueInfo;
}
