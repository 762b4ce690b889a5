import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildFixtureModel } from '../dist/fixture.js';
import type { Head, Precision } from '../dist/metadata.js';
import { attributeOf, GraphIndex, hoistConstants, prune } from '../dist/onnx/graph.js';
import { decodeModel, encodeModel, type Graph } from '../dist/onnx/schema.js';
import { DataType, toNumber } from '../dist/onnx/tensor.js';
import { prepareModel } from '../dist/prepare-model.js';
import { findDetectHead } from '../dist/yolo/detect-head.js';
import {
  candidates,
  compare,
  frameOf,
  MISSING,
  runModel,
  STOCK,
  STOCK_DYNAMIC,
  stockCandidates,
  toRgb,
  type Candidate,
} from './support.js';

const CLIPS = [
  ['motorway-cctv.mp4', 2],
  ['city-street.mp4', 3],
  ['intersection.mp4', 1],
] as const;
const FROM_SCORE = 0.05;
const SQUARE = 640;
const WIDE = { height: 384, width: 640 };
const WIDE_COUNT = 48 * 80 + 24 * 40 + 12 * 20;

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** YOLOv8's box decoding in plain arithmetic, from the head's raw maps: what the graph must compute at any size. */
function decodeByHand(
  maps: { stride: number; boxes: Float32Array; scores: Float32Array }[],
  size: typeof WIDE,
): Candidate[] {
  return maps.flatMap(({ stride, boxes, scores }) => {
    const columns = size.width / stride;
    const cells = columns * (size.height / stride);
    return Array.from({ length: cells }, (_, cell): Candidate => {
      const [left, top, right, bottom] = [0, 1, 2, 3].map((side) => {
        const weights = Array.from({ length: 16 }, (_, bin) => Math.exp(boxes[(16 * side + bin) * cells + cell]!));
        const total = weights.reduce((a, b) => a + b);
        return weights.reduce((sum, weight, bin) => sum + (bin * weight) / total, 0) * stride;
      }) as [number, number, number, number];
      const x = ((cell % columns) + 0.5) * stride;
      const y = (Math.floor(cell / columns) + 0.5) * stride;
      const vehicles = [2, 3, 5, 7].map((channel) => sigmoid(scores[channel * cells + cell]!));
      const score = Math.max(...vehicles);
      return {
        box: [x + (right - left) / 2, y + (bottom - top) / 2, left + right, top + bottom],
        score,
        classIndex: vehicles.indexOf(score),
      };
    });
  });
}

/** The stock graph, freed of its size and cut at the head's last convolutions. */
function rawHead(stock: Uint8Array) {
  const model = decodeModel(stock);
  const { graph } = model;
  hoistConstants(graph);
  const head = findDetectHead(new GraphIndex(graph), graph.output[0]!.name);
  graph.output = head.levels
    .flatMap((level) => [level.box, level.scores])
    .map((conv) => ({
      name: conv.output[0]!,
      type: { tensorType: { elemType: DataType.float } },
    }));
  graph.valueInfo = [];
  graph.input[0]!.type!.tensorType!.shape = { dim: ['n', 'c', 'h', 'w'].map((dimParam) => ({ dimParam })) };
  prune(graph);
  return { bytes: encodeModel(model), levels: head.levels };
}

/** Values of a graph that are int64 or uint8 at run time, followed from its inputs and constants. */
function integerWork(graph: Graph): string[] {
  const types = new Map<string, number>();
  for (const input of graph.input) types.set(input.name, input.type!.tensorType!.elemType);
  for (const tensor of graph.initializer) types.set(tensor.name, tensor.dataType);
  // Inputs that are read when the graph is planned, not computed with.
  const shapeInputs: Record<string, number[]> = { Reshape: [1], Slice: [1, 2, 3, 4], Resize: [1, 2, 3] };
  const found: string[] = [];
  for (const node of graph.node) {
    const data = node.input.filter((name, i) => name && !shapeInputs[node.opType]?.includes(i));
    const dataTypes = data.map((name) => types.get(name));
    if (dataTypes.some((type) => type === undefined)) found.push(`${node.opType} reads something of unknown type`);
    if (dataTypes.some((type) => type === DataType.int64 || type === DataType.uint8)) found.push(node.opType);
    const to = attributeOf(node, 'to')?.i;
    const result =
      node.opType === 'Cast'
        ? toNumber(to!)
        : node.opType === 'Greater'
          ? DataType.bool
          : ['ArgMax', 'Shape', 'NonZero', 'TopK', 'Size'].includes(node.opType)
            ? DataType.int64
            : node.opType === 'Where'
              ? dataTypes[1]!
              : dataTypes[0]!;
    for (const output of node.output) types.set(output, result);
  }
  return found;
}

describe('integerWork', () => {
  it('sees what WebGPU would leave to the CPU', () => {
    const { graph } = decodeModel(buildFixtureModel({ width: 64, height: 32 }));
    expect(integerWork(graph)).toEqual(['Cast']);
    expect(integerWork(decodeModel(buildFixtureModel({ head: 'rgb', width: 64, height: 32 })).graph)).toEqual([]);
    graph.node[1]!.opType = 'ArgMax';
    expect(integerWork(graph)).not.toEqual(['Cast']);
  });
});

describe.skipIf(MISSING !== '')(`YOLOv8n prepared${MISSING && ` (skipped: ${MISSING} missing)`}`, () => {
  let stock: Uint8Array;
  beforeAll(() => {
    stock = readFileSync(STOCK);
  });
  const prepare = (head: Head, precision: Precision, size: { height: number; width: number }) =>
    prepareModel(stock, { head, precision, ...size });

  /** The pipeline model's candidates on pictures of 640 x 384, one batch. */
  async function detectWide(model: Uint8Array, pictures: Uint8Array[]): Promise<Candidate[][]> {
    const data = new Uint8Array(pictures.length * pictures[0]!.length);
    pictures.forEach((picture, i) => data.set(picture, i * picture.length));
    const output = await runModel(model, { nv12: { data, dims: [pictures.length, WIDE.height * 1.5, WIDE.width] } });
    return pictures.map((_, i) => candidates(output['detections']!, WIDE_COUNT, i));
  }

  it.each(CLIPS)('gives the boxes of the stock graph at 640 x 640: %s', async (clip, seconds) => {
    const picture = frameOf(clip, seconds, SQUARE, SQUARE);
    const count = 8400;
    const images = { data: toRgb(picture, SQUARE, SQUARE), dims: [1, 3, SQUARE, SQUARE] };
    const expected = stockCandidates((await runModel(stock, { images }))['output0']!, count);
    const size = { height: SQUARE, width: SQUARE };
    const nv12 = await runModel(prepare('nv12', 'fp32', size), {
      nv12: { data: picture, dims: [1, SQUARE * 1.5, SQUARE] },
    });
    const rgb = await runModel(prepare('rgb', 'fp32', size), { rgb: images });
    for (const output of [nv12, rgb]) {
      const difference = compare(expected, candidates(output['detections']!, count), FROM_SCORE);
      expect(difference.compared).toBeGreaterThan(10);
      expect(difference.box).toBeLessThan(0.1);
      expect(difference.score).toBeLessThan(0.001);
      expect(difference.otherClass).toBe(0);
    }
  });

  it.each(CLIPS)('gives what the same weights give at 640 x 384, decoded by hand: %s', async (clip, seconds) => {
    const picture = frameOf(clip, seconds, WIDE.height, WIDE.width);
    const { bytes, levels } = rawHead(stock);
    const data = toRgb(picture, WIDE.height, WIDE.width);
    const maps = await runModel(bytes, { images: { data, dims: [1, 3, WIDE.height, WIDE.width] } });
    const expected = decodeByHand(
      levels.map(({ stride, box, scores }) => ({
        stride,
        boxes: maps[box.output[0]!]!,
        scores: maps[scores.output[0]!]!,
      })),
      WIDE,
    );
    const [found] = await detectWide(prepare('nv12', 'fp32', WIDE), [picture]);
    const difference = compare(expected, found!, FROM_SCORE);
    expect(expected).toHaveLength(WIDE_COUNT);
    expect(difference.compared).toBeGreaterThan(10);
    expect(difference.box).toBeLessThan(0.1);
    expect(difference.score).toBeLessThan(0.001);
    expect(difference.otherClass).toBe(0);
  });

  it('gives each of a batch of 8 what it gives it alone', async () => {
    const model = prepare('nv12', 'fp32', WIDE);
    const pictures = Array.from({ length: 8 }, (_, i) => {
      const [clip, seconds] = CLIPS[i % CLIPS.length]!;
      return frameOf(clip, seconds + 0.4 * i, WIDE.height, WIDE.width);
    });
    const together = await detectWide(model, pictures);
    for (const [i, picture] of pictures.entries()) {
      const [alone] = await detectWide(model, [picture]);
      const difference = compare(alone!, together[i]!, FROM_SCORE);
      expect(difference.box).toBeLessThan(0.1);
      expect(difference.score).toBeLessThan(0.001);
    }
  });

  it('stays close in fp16', async () => {
    const pictures = CLIPS.map(([clip, seconds]) => frameOf(clip, seconds, WIDE.height, WIDE.width));
    const full = await detectWide(prepare('nv12', 'fp32', WIDE), pictures);
    const half = await detectWide(prepare('nv12', 'fp16', WIDE), pictures);
    full.forEach((list, i) => {
      const difference = compare(list, half[i]!, 0.25);
      expect(difference.compared).toBeGreaterThan(10);
      expect(difference.score).toBeLessThan(0.03);
      expect(difference.box).toBeLessThan(3);
    });
  });

  it('is the same from an export with a dynamic batch', async () => {
    const picture = frameOf(...CLIPS[0], WIDE.height, WIDE.width);
    const options = { head: 'nv12', precision: 'fp32', ...WIDE } as const;
    const [a] = await detectWide(prepareModel(stock, options), [picture]);
    const [b] = await detectWide(prepareModel(readFileSync(STOCK_DYNAMIC), options), [picture]);
    expect(b).toEqual(a);
  });

  it('counts several source classes as one', async () => {
    const classes = { vehicle: ['car', 'bus', 'truck'], bike: ['motorcycle'] };
    const merged = prepareModel(stock, { head: 'nv12', precision: 'fp32', ...WIDE, classes });
    const picture = frameOf(...CLIPS[0], WIDE.height, WIDE.width);
    const [found] = await detectWide(merged, [picture]);
    const [four] = await detectWide(prepare('nv12', 'fp32', WIDE), [picture]);
    const expected = four!.map((candidate) => ({ ...candidate, classIndex: candidate.classIndex === 1 ? 1 : 0 }));
    const difference = compare(expected, found!, FROM_SCORE);
    expect(difference.compared).toBeGreaterThan(10);
    expect(difference).toMatchObject({ otherClass: 0 });
    expect(difference.box).toBeLessThan(0.01);
    expect(difference.score).toBeLessThan(1e-5);
  });

  it.each(['fp32', 'fp16'] as const)('has no integer work for the browser in %s', (precision) => {
    const { graph } = decodeModel(prepare('rgb', precision, WIDE));
    expect(integerWork(graph)).toEqual([]);
    const server = decodeModel(prepare('nv12', precision, WIDE));
    expect(integerWork(server.graph)).toEqual(['Cast']);
  });

  it('halves the file in fp16 and keeps Resize scales in float32', () => {
    const full = prepare('rgb', 'fp32', WIDE);
    const half = prepare('rgb', 'fp16', WIDE);
    expect(half.length).toBeLessThan(0.52 * full.length);
    const { graph } = decodeModel(half);
    const index = new GraphIndex(graph);
    const scales = graph.node
      .filter((node) => node.opType === 'Resize')
      .map((node) => index.initializer(node.input[2]));
    expect(scales.map((tensor) => tensor!.dataType)).toEqual([DataType.float, DataType.float]);
  });
});
