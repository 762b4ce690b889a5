import { describe, expect, it } from 'vitest';
import { describeModel, describeModelBytes } from './describe.js';
import { ModelError } from './errors.js';
import { buildFixtureModel } from './fixture.js';
import { valueInfo } from './onnx/graph-builder.js';
import { decodeModel, encodeModel, type Model } from './onnx/schema.js';
import { DataType } from './onnx/tensor.js';

const fixture = buildFixtureModel({ width: 64, height: 32 });

function changed(change: (model: Model) => void): Uint8Array {
  const model = decodeModel(fixture);
  change(model);
  return encodeModel(model);
}

const setMetadata = (key: string, value: string) =>
  changed((model) => (model.metadataProps.find((pair) => pair.key === key)!.value = value));

function errorOf(run: () => unknown): { code: string; message: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('describeModelBytes', () => {
  it('reads a pipeline model', () => {
    expect(describeModelBytes(fixture)).toEqual({
      kind: 'pipeline',
      source: 'fixture: bright rectangles',
      license: 'MIT',
      author: 'Lanecast',
      head: 'nv12',
      precision: 'fp32',
      height: 32,
      width: 64,
      stride: 32,
      classes: ['car', 'truck'],
      colourMatrix: 'bt709-limited',
      confidentScore: null,
      inputName: 'nv12',
      outputName: 'detections',
      candidateCount: 16 * 8,
    });
  });

  it('knows a stock export by its shapes', () => {
    const bytes = changed((model) => {
      model.metadataProps = [
        { key: 'description', value: 'Some YOLO' },
        { key: 'names', value: `{0: 'car', 1: "driver's cab", 2: 'it\\'s'}` },
        { key: 'license', value: 'AGPL-3.0' },
      ];
      model.graph.input = [valueInfo('images', DataType.float, ['batch', 3, 640, 'width'])];
      model.graph.output = [valueInfo('output0', DataType.float, ['batch', 7, 8400])];
    });
    expect(describeModelBytes(bytes)).toEqual({
      kind: 'stock',
      name: 'Some YOLO',
      height: 640,
      width: null,
      classCount: 3,
      classNames: new Map([
        [0, 'car'],
        [1, "driver's cab"],
        [2, "it's"],
      ]),
      stride: 32,
      license: 'AGPL-3.0',
      author: '',
      confidentScore: null,
    });
  });

  it.each<[string, Uint8Array, string, RegExp]>([
    ['no bytes', new Uint8Array(), 'model-not-onnx', /not an ONNX model/],
    ['text', new TextEncoder().encode('{"name": "lanecast"}'), 'model-not-onnx', /not an ONNX model/],
    ['zeros', new Uint8Array(1000), 'model-not-onnx', /not an ONNX model/],
    ['half a model', fixture.subarray(0, fixture.length >> 1), 'model-not-onnx', /not an ONNX model/],
    [
      'another network',
      changed((m) => (m.metadataProps = [])),
      'model-unsupported',
      /nv12 \[\?,48,64\] to detections \[\?,6,128\]/,
    ],
    ['another format', setMetadata('format', 'lanecast-detector/9'), 'model-metadata', /lanecast-detector\/9/],
    ['a size that is none', setMetadata('width', '64px'), 'model-metadata', /width = 64px/],
    [
      "a size that is not the graph's",
      setMetadata('width', '96'),
      'model-metadata',
      /96 x 32, but it maps nv12 \[\?,48,64\]/,
    ],
    ['a head that it does not have', setMetadata('head', 'rgb'), 'model-metadata', /rgb model/],
    ['an unknown head', setMetadata('head', 'yuy2'), 'model-metadata', /head = yuy2, not nv12 or rgb/],
    ['no classes', setMetadata('classes', ''), 'model-metadata', /lacks classes/],
  ])('refuses %s', (_, bytes, code, message) => {
    const error = errorOf(() => describeModelBytes(bytes));
    expect(error).toMatchObject({ code });
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
  });
});

describe('describeModel', () => {
  it('names the file', () => {
    expect(errorOf(() => describeModel('/nowhere/a.onnx'))).toMatchObject({
      code: 'model-missing',
      message: 'cannot read the model file /nowhere/a.onnx (ENOENT)',
    });
    expect(errorOf(() => describeModel(import.meta.filename)).message).toBe('describe.test.ts: not an ONNX model');
  });
});
