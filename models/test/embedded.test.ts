import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeModelBytes } from '../dist/describe.js';
import { decodeModel } from '../dist/onnx/schema.js';
import { dimsOf } from '../dist/onnx/tensor.js';
import { prepareModel } from '../dist/prepare-model.js';
import { runModel, toRgb } from './support.js';

const folder = join(import.meta.dirname, '..');
const SIZE = { height: 320, width: 576 };

describe('the embedded detector', () => {
  let committed: Uint8Array;
  let source: Uint8Array;
  beforeAll(() => {
    committed = readFileSync(join(folder, 'lanecast-s.onnx'));
    source = readFileSync(join(folder, 'source/lanecast-s.onnx'));
  });

  it('says what it is', () => {
    expect(describeModelBytes(committed)).toMatchObject({
      kind: 'pipeline',
      source: 'lanecast-s',
      license: 'MIT',
      head: 'nv12',
      ...SIZE,
      classes: ['car', 'motorcycle', 'bus', 'truck'],
      candidateCount: 40 * 72 + 20 * 36 + 10 * 18,
    });
  });

  it('is what the tool makes of its source', () => {
    const made = prepareModel(source, { ...SIZE, head: 'nv12', precision: 'fp32', source: 'lanecast-s' });
    expect(Buffer.compare(made, committed)).toBe(0);
  });

  it('is small: at most 1.5 million weights, 4 MB with its source', () => {
    const weights = decodeModel(source).graph.initializer.reduce(
      (sum, tensor) => sum + dimsOf(tensor).reduce((a, b) => a * b, 1),
      0,
    );
    expect(weights).toBeLessThan(1.5e6);
    expect(committed.length + source.length).toBeLessThan(4 * 2 ** 20);
  });

  it('finds the same through RGB, for the browser, as through NV12', async () => {
    const { height, width } = SIZE;
    const rgbModel = prepareModel(source, { ...SIZE, head: 'rgb', precision: 'fp32' });
    const nv12 = Uint8Array.from({ length: height * 1.5 * width }, (_, i) => {
      if (i >= height * width) return 128 + 12 * Math.sin(i / 97);
      return 120 + 70 * Math.sin(i / 41) * Math.cos(i / (7 * width));
    });
    const rgb = toRgb(nv12, height, width);
    const a = await runModel(committed, { nv12: { data: nv12, dims: [1, height * 1.5, width] } });
    const b = await runModel(rgbModel, { rgb: { data: rgb, dims: [1, 3, height, width] } });
    const count = a['detections']!.length / 6;
    for (let i = 0; i < 5 * count; i++) {
      const tolerance = i < 4 * count ? 0.1 : 2e-3;
      expect(Math.abs(a['detections']![i]! - b['detections']![i]!)).toBeLessThan(tolerance);
    }
  });
});
