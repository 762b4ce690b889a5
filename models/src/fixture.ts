import { addFirstMaximum } from './class-scores.js';
import { ModelError } from './errors.js';
import { addLumaHead } from './heads.js';
import { colourMatrixOf, OUTPUT_CHANNELS, OUTPUT_NAME, writeMetadata, type Head } from './metadata.js';
import { GraphBuilder, valueInfo } from './onnx/graph-builder.js';
import { prune } from './onnx/graph.js';
import { encodeModel, type Graph } from './onnx/schema.js';
import { DataType } from './onnx/tensor.js';

/** A kind of rectangle to look for; sizes in model-input pixels, even. */
export interface FixtureClass {
  name: string;
  width: number;
  height: number;
}

export interface FixtureOptions {
  head?: Head;
  /** Model-input size, multiples of 32. Default 640 x 384. */
  height?: number;
  width?: number;
  /** Default: `car` of 32 x 20 and `truck` of 64 x 36. */
  classes?: readonly FixtureClass[];
  /** Luma (limited range, 16..235) up to which a pixel is background; default 90. */
  darkLuma?: number;
  /** Luma from which on a pixel belongs to a rectangle; default 170. */
  brightLuma?: number;
  /** Cells are this many pixels apart; default 4. */
  stride?: number;
}

export const FIXTURE_CLASSES: readonly FixtureClass[] = [
  { name: 'car', width: 32, height: 20 },
  { name: 'truck', width: 64, height: 36 },
];

/** The ring around a rectangle that must be dark, in pixels. */
const RING_PX = 8;
/** Contrast (1: all bright inside, all dark around) at which the score is one half, and how steeply it rises there. */
const HALF_CONTRAST = 0.65;
const STEEPNESS = 24;

type Tap = (offsetPx: number, halfPx: number) => number;
/** Share of the pixel at `offsetPx` from the centre that lies inside `-halfPx..halfPx`. */
const box: Tap = (offset, half) => Math.min(1, Math.max(0, half + 0.5 - Math.abs(offset)));
/** The same, weighted with the place: for first moments. */
const ramp: Tap = (offset, half) => offset * box(offset, half);

const taps = (count: number, tap: Tap, halfPx: number, scale = 1): number[] =>
  Array.from({ length: count }, (_, i) => scale * tap(i + 0.5 - count / 2, halfPx));

/**
 * A real detector of bright rectangles of known sizes on a dark background, in the pipeline format: a matched filter.
 * Per class and cell, two separable convolutions over thresholded luma give the contrast (mean inside minus mean of
 * the ring around) and the bright pixels' centre of mass, which places boxes between the cells. It lets tests of the
 * whole chain be held against truth without any trained model. Rectangles further apart than the ring are found to
 * about a pixel. Output: `[B,6,N]`, N = cells.
 */
export function buildFixtureModel(options: FixtureOptions = {}): Uint8Array {
  const { head = 'nv12', height = 384, width = 640, classes = FIXTURE_CLASSES } = options;
  const { darkLuma = 90, brightLuma = 170, stride = 4 } = options;
  if (height % 32 !== 0 || width % 32 !== 0 || height < 32 || width < 32)
    throw new ModelError('model-options', `a fixture of ${width} x ${height}: use multiples of 32`);
  if (classes.length === 0 || classes.some((c) => c.width < 2 || c.height < 2))
    throw new ModelError('model-options', 'a fixture needs classes with sizes of 2 pixels or more');

  const graph: Graph = { name: 'fixture', node: [], initializer: [], input: [], output: [], valueInfo: [] };
  const builder = new GraphBuilder(graph, 'fixture');
  const luma = addLumaHead(builder, graph, { head, height, width, type: DataType.float });
  const level = builder.node('Sub', [luma, builder.scalar(darkLuma)]);
  const gain = builder.node('Mul', [level, builder.scalar(1 / (brightLuma - darkLuma))]);
  const bright = builder.node('Clip', [gain, builder.scalar(0), builder.scalar(1)]);

  const filtered = addFilters(builder, bright, classes, stride);
  const cells = { rows: height / stride, columns: width / stride };
  const count = cells.rows * cells.columns;
  const maps = builder.reshape(filtered, 0, 4 * classes.length, count);
  const channel = (index: number) => builder.slice(maps, 1, index, index + 1);
  const { best, index } = addFirstMaximum(
    builder,
    classes.map((_, c) => channel(4 * c)),
  );

  // Everything else follows the winning class.
  const pick = (values: string[]): string =>
    values.reduce((otherwise, value, c) => {
      const isClass = builder.node('Greater', [index, builder.scalar(c - 0.5)]);
      return builder.node('Where', [isClass, value, otherwise]);
    });
  const mass = builder.node('Max', [pick(classes.map((_, c) => channel(4 * c + 1))), builder.scalar(1)]);
  const centre = (position: 2 | 3, anchors: number[]): string => {
    const offset = builder.node('Div', [pick(classes.map((_, c) => channel(4 * c + position))), mass]);
    const near = builder.node('Clip', [offset, builder.scalar(-RING_PX), builder.scalar(RING_PX)]);
    return builder.node('Add', [near, builder.floats([1, 1, count], anchors)]);
  };
  const anchors = Array.from({ length: count }, (_, cell) => ({
    x: (cell % cells.columns) * stride + stride / 2,
    y: Math.floor(cell / cells.columns) * stride + stride / 2,
  }));
  const zero = builder.node('Mul', [best, builder.scalar(0)]);
  const size = (of: (c: FixtureClass) => number) =>
    pick(classes.map((c) => builder.node('Add', [zero, builder.scalar(of(c))])));
  const logit = builder.node('Mul', [
    builder.node('Sub', [best, builder.scalar(HALF_CONTRAST)]),
    builder.scalar(STEEPNESS),
  ]);
  builder.node(
    'Concat',
    [
      centre(
        2,
        anchors.map((a) => a.x),
      ),
      centre(
        3,
        anchors.map((a) => a.y),
      ),
      size((c) => c.width),
      size((c) => c.height),
      builder.node('Sigmoid', [logit]),
      index,
    ],
    { axis: 1 },
    OUTPUT_NAME,
  );
  graph.output = [valueInfo(OUTPUT_NAME, DataType.float, ['batch', OUTPUT_CHANNELS, count])];
  prune(graph);
  return encodeModel({
    irVersion: 7,
    producerName: 'lanecast',
    graph,
    opsetImport: [{ domain: '', version: 13 }],
    metadataProps: writeMetadata({
      source: 'fixture: bright rectangles',
      license: 'MIT',
      author: 'Lanecast',
      head,
      precision: 'fp32',
      height,
      width,
      stride: 32,
      classes: classes.map((c) => c.name),
      colourMatrix: colourMatrixOf(head),
      confidentScore: null,
    }),
  });
}

/** Per class: contrast, mass, first moment in x, first moment in y; `[B,4*classes,H/stride,W/stride]`. */
function addFilters(builder: GraphBuilder, bright: string, classes: readonly FixtureClass[], stride: number): string {
  // Kernels of even length, so that they are centred on the cell; not shorter than a cell, so that pads are >= 0.
  const even = (size: number) => Math.max(stride, 2 * Math.ceil((size + 2 * RING_PX) / 2));
  const kernelWidth = even(Math.max(...classes.map((c) => c.width)));
  const kernelHeight = even(Math.max(...classes.map((c) => c.height)));
  const padX = (kernelWidth - stride) / 2;
  const padY = (kernelHeight - stride) / 2;

  // Along x: the inside, the outside, and the outside's moment.
  const alongX = classes.flatMap(({ width }) => [
    ...taps(kernelWidth, box, width / 2),
    ...taps(kernelWidth, box, width / 2 + RING_PX),
    ...taps(kernelWidth, ramp, width / 2 + RING_PX),
  ]);
  const rows = builder.node('Conv', [bright, builder.floats([3 * classes.length, 1, 1, kernelWidth], alongX)], {
    kernel_shape: [1, kernelWidth],
    strides: [1, stride],
    pads: [0, padX, 0, padX],
  });

  const none = Array.from({ length: kernelHeight }, () => 0);
  const alongY = classes.flatMap(({ width, height }) => {
    const inside = width * height;
    const ring = (width + 2 * RING_PX) * (height + 2 * RING_PX) - inside;
    const inner = (scale: number) => taps(kernelHeight, box, height / 2, scale);
    const outer = (tap: Tap, scale: number) => taps(kernelHeight, tap, height / 2 + RING_PX, scale);
    return [
      // inside / |inside| - (outside - inside) / |ring|
      [inner(1 / inside + 1 / ring), outer(box, -1 / ring), none],
      [none, outer(box, 1), none],
      [none, none, outer(box, 1)],
      [none, outer(ramp, 1), none],
    ].flat(2);
  });
  return builder.node('Conv', [rows, builder.floats([4 * classes.length, 3, kernelHeight, 1], alongY)], {
    kernel_shape: [kernelHeight, 1],
    strides: [stride, 1],
    pads: [padY, 0, padY, 0],
    group: classes.length,
  });
}
