import { ModelError } from './errors.js';
import type { StringPair } from './onnx/schema.js';

/** Value of the metadata key `format` in a pipeline model. */
export const PIPELINE_FORMAT = 'lanecast-detector/1';

/** Channels of the output `[B,6,N]`: centre x, centre y, width, height (model-input pixels), score, class index. */
export const OUTPUT_CHANNELS = 6;
export const OUTPUT_NAME = 'detections';

/** `nv12`: uint8 `[B, 1.5H, W]`, BT.709 limited range. `rgb`: float32 `[B, 3, H, W]`, 0..1. */
export type Head = 'nv12' | 'rgb';
export type Precision = 'fp32' | 'fp16';

export const HEADS: readonly Head[] = ['nv12', 'rgb'];
export const PRECISIONS: readonly Precision[] = ['fp32', 'fp16'];

/** What a pipeline model says about itself (ONNX `metadata_props`). */
export interface PipelineMetadata {
  /** Name of the model that it was made from. */
  source: string;
  license: string;
  author: string;
  head: Head;
  precision: Precision;
  height: number;
  width: number;
  /** Largest stride of the grid: height and width are multiples of it. */
  stride: number;
  /** What the class index points into. */
  classes: readonly string[];
  /** How the head reads colour. */
  colourMatrix: 'bt709-limited' | 'none';
  /** From which score on its makers would believe a box (0..1); null if they do not say. */
  confidentScore: number | null;
}

/** Metadata key, of stock exports too, of `confidentScore`. */
export const CONFIDENT_SCORE_KEY = 'confident_score';

/** The score that a text says; null if it says none. */
export function parseConfidentScore(text: string | undefined): number | null {
  const value = text ? Number(text) : NaN;
  return value > 0 && value < 1 ? value : null;
}

export function colourMatrixOf(head: Head): PipelineMetadata['colourMatrix'] {
  return head === 'nv12' ? 'bt709-limited' : 'none';
}

export function writeMetadata(metadata: PipelineMetadata): StringPair[] {
  const fields: Record<string, string> = {
    format: PIPELINE_FORMAT,
    source: metadata.source,
    license: metadata.license,
    author: metadata.author,
    head: metadata.head,
    precision: metadata.precision,
    height: String(metadata.height),
    width: String(metadata.width),
    stride: String(metadata.stride),
    classes: metadata.classes.join(','),
    colour_matrix: metadata.colourMatrix,
    ...(metadata.confidentScore !== null && { [CONFIDENT_SCORE_KEY]: String(metadata.confidentScore) }),
  };
  return Object.entries(fields).map(([key, value]) => ({ key, value }));
}

/** Null if the pairs are not those of a pipeline model; a ModelError `model-metadata` if they are, but damaged. */
export function readMetadata(pairs: readonly StringPair[]): PipelineMetadata | null {
  const fields = new Map(pairs.map(({ key, value }) => [key, value]));
  const format = fields.get('format');
  if (!format?.startsWith('lanecast-detector/')) return null;
  if (format !== PIPELINE_FORMAT)
    throw new ModelError(
      'model-metadata',
      `the model has format ${format}, this version reads ${PIPELINE_FORMAT}: prepare it again`,
    );
  const text = (key: string): string => {
    const value = fields.get(key);
    if (!value) throw new ModelError('model-metadata', `the model's metadata lacks ${key}: prepare it again`);
    return value;
  };
  const size = (key: string): number => {
    const value = Number(text(key));
    if (!Number.isInteger(value) || value < 1 || value > 16384)
      throw new ModelError('model-metadata', `the model's metadata has ${key} = ${text(key)}, not a size in pixels`);
    return value;
  };
  const oneOf = <T extends string>(key: string, values: readonly T[]): T => {
    const value = values.find((candidate) => candidate === text(key));
    if (!value)
      throw new ModelError(
        'model-metadata',
        `the model's metadata has ${key} = ${text(key)}, not ${values.join(' or ')}`,
      );
    return value;
  };
  return {
    source: text('source'),
    license: text('license'),
    author: fields.get('author') ?? '',
    head: oneOf('head', HEADS),
    precision: oneOf('precision', PRECISIONS),
    height: size('height'),
    width: size('width'),
    stride: size('stride'),
    classes: text('classes').split(','),
    colourMatrix: oneOf('colour_matrix', ['bt709-limited', 'none']),
    confidentScore: parseConfidentScore(fields.get(CONFIDENT_SCORE_KEY)),
  };
}
