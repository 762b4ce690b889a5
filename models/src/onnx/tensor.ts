import { ModelError } from '../errors.js';
import { toHalf } from './float16.js';
import type { Int64, Tensor } from './schema.js';

/** TensorProto.DataType */
export const DataType = { float: 1, uint8: 2, int64: 7, bool: 9, float16: 10 } as const;

/** The element types that weights can be stored and computed in. */
export type FloatType = typeof DataType.float | typeof DataType.float16;

export function toNumber(value: Int64): number {
  return typeof value === 'number' ? value : value.toNumber();
}

export function dimsOf(tensor: Tensor): number[] {
  return tensor.dims.map(toNumber);
}

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** Copies, since ONNX's bytes need not be aligned. */
function rawCopy(tensor: Tensor, type: number): ArrayBuffer | undefined {
  if (tensor.dataLocation === 1)
    throw new ModelError(
      'model-unsupported',
      `the weights of ${tensor.name} are in another file: export the model as one file`,
    );
  if (tensor.dataType !== type)
    throw new ModelError('model-unsupported', `tensor ${tensor.name} has element type ${tensor.dataType}, not ${type}`);
  // Decoded messages have defaults on their prototype: an absent field reads as empty, not as undefined.
  return tensor.rawData?.length ? new Uint8Array(tensor.rawData).buffer : undefined;
}

export function readFloats(tensor: Tensor): Float32Array {
  const raw = rawCopy(tensor, DataType.float);
  return raw ? new Float32Array(raw) : Float32Array.from(tensor.floatData ?? []);
}

export function readInts(tensor: Tensor): number[] {
  const raw = rawCopy(tensor, DataType.int64);
  return raw ? Array.from(new BigInt64Array(raw), Number) : (tensor.int64Data ?? []).map(toNumber);
}

export function intTensor(name: string, values: readonly number[]): Tensor {
  const rawData = bytesOf(BigInt64Array.from(values, BigInt));
  return { name, dims: [values.length], dataType: DataType.int64, rawData };
}

/** `dims` of `[]` makes a scalar. */
export function floatTensor(name: string, dims: number[], values: ArrayLike<number>, type: FloatType): Tensor {
  const array = type === DataType.float ? Float32Array.from(values) : Uint16Array.from(values, toHalf);
  return { name, dims, dataType: type, rawData: bytesOf(array) };
}

/** The first axis cut down to some of its positions. float32 and binary16 only. */
export function takeRows(tensor: Tensor, rows: readonly number[], name: string): Tensor {
  const [count, ...rest] = dimsOf(tensor);
  const bytes = tensor.dataType === DataType.float ? bytesOf(readFloats(tensor)) : tensor.rawData!;
  const size = bytes.length / count!;
  const rawData = new Uint8Array(size * rows.length);
  for (const [to, from] of rows.entries()) rawData.set(bytes.subarray(from * size, (from + 1) * size), to * size);
  return { name, dims: [rows.length, ...rest], dataType: tensor.dataType, rawData };
}

/** The same tensor in binary16; anything that is not float32 is returned as it is. */
export function toHalfTensor(tensor: Tensor): Tensor {
  if (tensor.dataType !== DataType.float) return tensor;
  return floatTensor(tensor.name, dimsOf(tensor), readFloats(tensor), DataType.float16);
}
