import { describe, expect, it } from 'vitest';
import { describeModelBytes } from '../dist/describe.js';
import { buildFixtureModel } from '../dist/fixture.js';
import { prepareModel } from '../dist/prepare-model.js';
import { candidates, compare, runModel, toRgb, type Candidate } from './support.js';
import { TINY_NAMES, tinyYolo } from './tiny-yolo.js';

const EXPORTED = { height: 96, width: 160 };
const GROUPS = [['car', 'van'], ['motorcycle'], ['bus'], ['truck']];

const countOf = ({ height, width }: typeof EXPORTED) => (21 * height * width) / 32 ** 2;

/** A coloured pattern that differs with `seed`. */
function picture({ height, width }: typeof EXPORTED, seed: number): Uint8Array {
  const wave = (x: number, y: number) => Math.sin((x * (3 + seed)) / 17 + 2 * seed) * Math.cos((y * (5 + seed)) / 13);
  return Uint8Array.from({ length: height * width * 1.5 }, (_, i) => {
    const value = wave(i % width, Math.floor(i / width));
    return i < height * width ? 126 + 105 * value : 128 + 50 * value;
  });
}

/** What the export itself says, in the pipeline format. */
async function expected(stock: Uint8Array, nv12: Uint8Array, size: typeof EXPORTED): Promise<Candidate[]> {
  const { height, width } = size;
  const images = { data: toRgb(nv12, height, width), dims: [1, 3, height, width] };
  const output = (await runModel(stock, { images }))['output0']!;
  const count = countOf(size);
  const at = (channel: number, i: number) => output[channel * count + i]!;
  return Array.from({ length: count }, (_, i) => {
    const scores = GROUPS.map((names) => Math.max(...names.map((name) => at(4 + TINY_NAMES.indexOf(name), i))));
    const score = Math.max(...scores);
    return { box: [at(0, i), at(1, i), at(2, i), at(3, i)], score, classIndex: scores.indexOf(score) };
  });
}

async function detect(model: Uint8Array, pictures: Uint8Array[], size: typeof EXPORTED): Promise<Candidate[][]> {
  const { height, width } = size;
  const output = await runModel(model, {
    nv12: { data: Uint8Array.from(pictures.flatMap((p) => [...p])), dims: [pictures.length, height * 1.5, width] },
  });
  return pictures.map((_, i) => candidates(output['detections']!, countOf(size), i));
}

describe.each([
  ['apart', 12],
  ['together', 17],
] as const)('a tiny export, grids %s, opset %i', (layout, opset) => {
  const stock = tinyYolo({ ...EXPORTED, layout, opset });

  it('is seen for what it is', () => {
    expect(describeModelBytes(stock)).toMatchObject({ kind: 'stock', name: 'tiny', ...EXPORTED, classCount: 6 });
    const prepared = prepareModel(stock, { head: 'nv12', precision: 'fp16', ...EXPORTED });
    expect(describeModelBytes(prepared)).toMatchObject({
      kind: 'pipeline',
      source: 'tiny',
      license: 'MIT',
      precision: 'fp16',
      ...EXPORTED,
      classes: ['car', 'motorcycle', 'bus', 'truck'],
      candidateCount: countOf(EXPORTED),
    });
  });

  it.each([EXPORTED, { height: 64, width: 224 }, { height: 192, width: 96 }])(
    'prepared for $width x $height gives what an export of that size gives, in any batch',
    async (size) => {
      const sameSize = tinyYolo({ ...size, layout, opset });
      const prepared = prepareModel(stock, { head: 'nv12', precision: 'fp32', ...size });
      const pictures = [0, 1, 2].map((seed) => picture(size, seed));
      const found = await detect(prepared, pictures, size);
      for (const [i, nv12] of pictures.entries()) {
        const difference = compare(await expected(sameSize, nv12, size), found[i]!, 0);
        expect(difference.compared).toBe(countOf(size));
        expect(difference.box).toBeLessThan(0.02);
        expect(difference.score).toBeLessThan(1e-4);
        expect(difference.otherClass).toBe(0);
      }
      // The pictures are told apart, so the comparison says something.
      expect(compare(found[0]!, found[1]!, 0).box).toBeGreaterThan(1);
    },
  );

  it('stays close in fp16', async () => {
    const [full, half] = (['fp32', 'fp16'] as const).map((precision) =>
      prepareModel(stock, { head: 'nv12', precision, ...EXPORTED }),
    );
    const nv12 = picture(EXPORTED, 3);
    const [a] = await detect(full!, [nv12], EXPORTED);
    const [b] = await detect(half!, [nv12], EXPORTED);
    const difference = compare(a!, b!, 0);
    expect(difference.score).toBeLessThan(0.02);
    expect(difference.box).toBeLessThan(2);
  });
});

describe('prepareModel', () => {
  const options = { head: 'nv12', precision: 'fp32', height: 96, width: 160 } as const;
  const stock = tinyYolo({ ...EXPORTED, layout: 'apart', opset: 12 });

  it.each<[string, () => unknown, string, RegExp]>([
    [
      'a size that is no multiple of 32',
      () => prepareModel(stock, { ...options, height: 100 }),
      'model-options',
      /^height 100: use a multiple of 32/,
    ],
    ['no size', () => prepareModel(stock, { ...options, width: 0 }), 'model-options', /^width 0/],
    [
      'a pipeline model',
      () => prepareModel(buildFixtureModel(), options),
      'model-unsupported',
      /already a pipeline model/,
    ],
    [
      'classes that are not there',
      () => prepareModel(stock, { ...options, classes: { ship: ['ferry'] } }),
      'model-options',
      /person, car, van/,
    ],
    [
      'bytes that are no model',
      () => prepareModel(Uint8Array.of(1, 2, 3), options),
      'model-not-onnx',
      /not an ONNX model/,
    ],
  ])('refuses %s', (_, run, code, message) => {
    expect(run).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error);
  });
});
