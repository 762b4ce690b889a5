import type { Attribute, Dimension, Graph, Node, ValueInfo } from './schema.js';
import { DataType, floatTensor, intTensor, type FloatType } from './tensor.js';

/** AttributeProto.AttributeType */
const AttributeType = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** Numbers are int64 attributes; a float attribute is written `{ float: x }`. */
export type AttributeValue = number | readonly number[] | string | { float: number };

function attribute(name: string, value: AttributeValue): Attribute {
  if (typeof value === 'number') return { name, type: AttributeType.int, i: value };
  if (typeof value === 'string') return { name, type: AttributeType.string, s: new TextEncoder().encode(value) };
  if ('float' in value) return { name, type: AttributeType.float, f: value.float };
  return { name, type: AttributeType.ints, ints: [...value] };
}

/** A named input or output; strings are symbolic sizes. */
export function valueInfo(name: string, elemType: number, shape: readonly (number | string)[]): ValueInfo {
  const dim = shape.map((size): Dimension => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

/**
 * Appends nodes to a graph. Values are strings, the ONNX names; every name begins with the builder's prefix, so that
 * nothing collides with an exporter's names.
 */
export class GraphBuilder {
  readonly #graph: Graph;
  readonly #prefix: string;
  #next = 0;

  constructor(graph: Graph, prefix: string) {
    this.#graph = graph;
    this.#prefix = prefix;
  }

  /** Adds a node with one output and returns the output's name. */
  node(opType: string, input: string[], attributes: Record<string, AttributeValue> = {}, outputName?: string): string {
    const output = outputName ?? this.#name(opType);
    const node: Node = {
      name: output,
      opType,
      input,
      output: [output],
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    };
    this.#graph.node.push(node);
    return output;
  }

  /** An int64 vector: shapes, axes, slice bounds. */
  ints(...values: number[]): string {
    const name = this.#name('ints');
    this.#graph.initializer.push(intTensor(name, values));
    return name;
  }

  floats(dims: number[], values: ArrayLike<number>, type: FloatType = DataType.float): string {
    const name = this.#name('floats');
    this.#graph.initializer.push(floatTensor(name, dims, values, type));
    return name;
  }

  scalar(value: number, type: FloatType = DataType.float): string {
    return this.floats([], [value], type);
  }

  reshape(value: string, ...shape: number[]): string {
    return this.node('Reshape', [value, this.ints(...shape)]);
  }

  slice(value: string, axis: number, start: number, end: number): string {
    return this.node('Slice', [value, this.ints(start), this.ints(end), this.ints(axis)]);
  }

  #name(hint: string): string {
    return `${this.#prefix}/${hint}_${this.#next++}`;
  }
}
