import { ModelError } from '../errors.js';
import { attributeOf, type GraphIndex } from '../onnx/graph.js';
import type { Node } from '../onnx/schema.js';
import { dimsOf, readFloats, toNumber } from '../onnx/tensor.js';

/** One grid of the head: the two convolutions whose outputs are box distributions and class scores. */
export interface HeadLevel {
  /** Model-input pixels from one cell to the next. */
  stride: number;
  /** Conv with `4 * bins` channels: a distribution over distances to the left, top, right and bottom side. */
  box: Node;
  /** Conv with one channel per class, before the sigmoid. */
  scores: Node;
}

/** The anchor-free head that YOLOv8 and YOLO11 share, with distribution focal loss (Li et al., arXiv:2006.04388). */
export interface DetectHead {
  levels: HeadLevel[];
  /** Bins of each side's distribution. */
  bins: number;
  classCount: number;
}

const unsupported = (found: string): ModelError =>
  new ModelError('model-unsupported', `not a YOLOv8/YOLO11 detector: ${found}`);

/**
 * Finds the head by its structure, so that names and the exporter's way of writing the rest do not matter: walking
 * back from the output, the first convolutions are the head's last ones (past the one that takes the expectation of
 * the distributions, which has one output channel).
 */
export function findDetectHead(index: GraphIndex, output: string): DetectHead {
  const convs: Node[] = [];
  let bins = 0;
  const seen = new Set<string>();
  const pending = [output];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    const node = index.producer(value);
    if (!node) continue;
    if (node.opType === 'Conv') {
      const weight = index.initializer(node.input[1]);
      if (!weight) throw unsupported(`the weights of ${node.name ?? node.output[0]!} are computed, not stored`);
      const [channels, inputs] = dimsOf(weight);
      if (toNumber(attributeOf(node, 'group')?.i ?? 1) !== 1)
        throw unsupported(`its output comes from a grouped convolution (${node.name ?? node.output[0]!})`);
      if (channels !== 1) {
        convs.push(node);
        continue;
      }
      bins = inputs!;
      if (!readFloats(weight).every((bin, position) => bin === position))
        throw unsupported('the convolution before its boxes does not count bins 0, 1, 2...');
    }
    pending.push(...node.input);
  }
  if (bins === 0 || convs.length === 0)
    throw unsupported(`${convs.length} convolutions end in the output, none counts bins`);

  const channelsOf = (conv: Node) => dimsOf(index.initializer(conv.input[1])!)[0]!;
  const boxes = byStride(
    index,
    convs.filter((conv) => channelsOf(conv) === 4 * bins),
  );
  const scores = byStride(
    index,
    convs.filter((conv) => channelsOf(conv) !== 4 * bins),
  );
  const classCount = scores[0] ? channelsOf(scores[0].conv) : 0;
  const levels = boxes.map(({ stride, conv }, level): HeadLevel => {
    const match = scores[level];
    if (match?.stride !== stride || channelsOf(match.conv) !== classCount || boxes[level + 1]?.stride === stride)
      throw unsupported(`its grids do not pair up (boxes ${describe(boxes)}; scores ${describe(scores)})`);
    return { stride, box: conv, scores: match.conv };
  });
  if (levels.length !== scores.length) throw unsupported(`${boxes.length} box grids for ${scores.length} score grids`);
  return { levels, bins, classCount };
}

interface StridedConv {
  stride: number;
  conv: Node;
}

const describe = (convs: StridedConv[]): string => convs.map(({ stride }) => `stride ${stride}`).join(', ') || 'none';

function byStride(index: GraphIndex, convs: Node[]): StridedConv[] {
  const strides = new StrideFinder(index);
  return convs.map((conv) => ({ conv, stride: strides.of(conv.output[0]!) })).sort((a, b) => a.stride - b.stride);
}

/** Model-input pixels per cell of a feature map, followed back to the picture. */
class StrideFinder {
  readonly #index: GraphIndex;
  readonly #known = new Map<string, number>();

  constructor(index: GraphIndex) {
    this.#index = index;
  }

  of(value: string): number {
    const chain: string[] = [];
    let at = value;
    while (!this.#known.has(at)) {
      const node = this.#index.producer(at);
      if (!node) {
        this.#known.set(at, 1); // the picture
        break;
      }
      chain.push(at);
      at = this.#dataInput(node);
    }
    for (const name of chain.reverse()) {
      const node = this.#index.producer(name)!;
      this.#known.set(name, this.#known.get(this.#dataInput(node))! * this.#step(node));
    }
    return this.#known.get(value)!;
  }

  #dataInput(node: Node): string {
    return node.input.find((input) => !this.#index.initializer(input))!;
  }

  #step(node: Node): number {
    if (node.opType === 'Conv' || node.opType === 'MaxPool' || node.opType === 'AveragePool') {
      const strides = attributeOf(node, 'strides')?.ints?.map(toNumber) ?? [1, 1];
      if (strides[0] !== strides[1])
        throw unsupported(`${node.name ?? node.opType} has strides ${strides.join(' x ')}`);
      return strides[0]!;
    }
    if (node.opType === 'Resize') {
      const scales = this.#index.initializer(node.input[2]);
      const factors = scales ? readFloats(scales) : new Float32Array();
      if (factors.length !== 4 || factors[2] !== factors[3])
        throw unsupported(`${node.name ?? 'a Resize'} has no fixed scale: export it with fixed sizes`);
      return 1 / factors[2]!;
    }
    return 1;
  }
}
