import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nmsInfo } from './backends.js';
import { CASE_KINDS, makeCase } from './check-cases.js';
import { nms, nmsAsync, nmsBatch, nmsBatchAsync, nmsBatchTimed, nmsTimed } from './nms.js';
import type { NmsBackend, NmsOptions, SingleNmsOptions } from './types.js';

const { backends, cpuMissingReason, cudaMissingReason } = nmsInfo();
const WHY_NOT: Partial<Record<NmsBackend, string | null>> = { cpu: cpuMissingReason, cuda: cudaMissingReason };

const list = (boxes: Float32Array | number[][], scores: Float32Array | number[], options: SingleNmsOptions) => [
  ...nms(Float32Array.from([...boxes].flat()), Float32Array.from(scores), options),
];
const square = (x: number, y: number, side = 10) => [x, y, x + side, y + side];

describe.each<NmsBackend>(['typescript', 'cpu', 'cuda'])('NMS by %s', (backend) => {
  const missing = backends.includes(backend) ? '' : (WHY_NOT[backend] ?? 'missing');
  const test = missing ? it.skip : it;
  if (missing) it.skip(`is not here: ${missing}`, () => undefined);

  test.each<[string, number[][], number[], number[]]>([
    ['nothing', [], [], []],
    ['one box', [square(0, 0)], [0.5], [0]],
    ['the better of two that overlap', [square(0, 0), square(1, 1)], [0.5, 0.9], [1]],
    ['both of two apart, best first', [square(0, 0), square(20, 0)], [0.5, 0.9], [1, 0]],
    ['the first of equals', [square(0, 0), square(0, 0), square(0, 0)], [0.5, 0.5, 0.5], [0]],
    ['the first of 0 and -0', [square(0, 0), square(50, 0), square(90, 0)], [-0, 0, -0], [0, 1, 2]],
    ['a box whose suppressor was suppressed', [square(0, 0), square(3, 0), square(6, 0)], [0.9, 0.8, 0.7], [0, 2]],
    ['boxes without area', [square(0, 0), [5, 5, 5, 5], [5, 5, 5, 5]], [0.9, 0.8, 0.7], [0, 1, 2]],
    ['inverted boxes', [square(0, 0), [9, 9, 1, 1], [9, 1, 1, 9]], [0.9, 0.8, 0.7], [0, 1, 2]],
    ['what is finite', [square(0, 0), [0, 0, NaN, 9], [-Infinity, 0, 9, 9], square(0, 0)], [1, 2, 2, NaN], [0]],
    ['boxes whose areas overflow', [square(-3e38, -3e38, 6e38), square(-8e37, -8e37, 16e37)], [0.9, 0.8], [0, 1]],
  ])('keeps %s', (_, boxes, scores, kept) => expect(list(boxes, scores, { iouThreshold: 0.5, backend })).toEqual(kept));

  test('suppresses above the threshold, not at it', () => {
    // Two 1 x 2 boxes that share half: IoU is exactly 1/3 in float32.
    const boxes = [
      [0, 0, 1, 2],
      [0, 1, 1, 3],
    ];
    const third = Math.fround(1 / 3);
    expect(list(boxes, [0.9, 0.8], { iouThreshold: third, backend })).toEqual([0, 1]);
    expect(list(boxes, [0.9, 0.8], { iouThreshold: third - 2 ** -24, backend })).toEqual([0]);
  });

  test('keeps identical boxes at threshold 1, and touching ones at 0', () => {
    expect(list([square(0, 0), square(0, 0)], [2, 1], { iouThreshold: 1, backend })).toEqual([0, 1]);
    expect(list([square(0, 0), square(10, 0), square(9, 0)], [3, 2, 1], { iouThreshold: 0, backend })).toEqual([0, 1]);
  });

  test('leaves other classes alone, also where offsets of coordinates would round boxes away', () => {
    const boxes = [square(0, 0), square(1, 0), square(2, 0)];
    const classes = Int32Array.of(-2147483648, 2147483647, -2147483648);
    expect(list(boxes, [0.9, 0.8, 0.7], { iouThreshold: 0.5, classes, backend })).toEqual([0, 1]);
  });

  test('takes scores at the threshold, and no more than asked for', () => {
    const boxes = Array.from({ length: 9 }, (_, i) => square(20 * i, 0));
    const scores = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
    const options = { iouThreshold: 0.5, scoreThreshold: Math.fround(0.7), backend };
    expect(list(boxes, scores, options)).toEqual([8, 7, 6]);
    expect(list(boxes, scores, { ...options, maxDetections: 2 })).toEqual([8, 7]);
  });

  test('agrees with the definition on 2,000 cases of every kind', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 2000; seed++) {
      const { boxes, scores, options, kind } = makeCase(seed, 500);
      seen.add(kind);
      const result = nmsTimed(boxes, scores, { ...options, backend });
      expect(result.backend).toBe(backend);
      const wanted = nms(boxes, scores, { ...options, backend: 'typescript' });
      expect(result.kept, `${kind}, case ${seed}`).toEqual(wanted);
    }
    expect([...seen].sort()).toEqual([...CASE_KINDS].sort());
  });

  test('agrees with the definition on thousands of boxes', () => {
    for (let seed = 0; seed < 60; seed++) {
      const { boxes, scores, options, kind } = makeCase(seed, 6000);
      const wanted = nms(boxes, scores, { ...options, backend: 'typescript' });
      expect(nms(boxes, scores, { ...options, backend }), `${kind}, case ${seed}`).toEqual(wanted);
    }
  });

  // torchvision's own test: against plain greedy suppression, with boxes made to sit right at the threshold.
  test.each([0.2, 0.5, 0.8])(
    'keeps what plain suppression keeps, with a box at the very threshold %d',
    (iouThreshold) => {
      const { boxes, scores } = makeCase(7, 1000);
      const with2 = Float32Array.of(...boxes.subarray(0, 4 * 500), 0, 0, 100, 100, 0, 0, 100, 100 * iouThreshold);
      const scores2 = Float32Array.of(...scores.subarray(0, with2.length / 4 - 2), 1, 0.5);
      const options = { iouThreshold };
      expect(nms(with2, scores2, { ...options, backend })).toEqual(
        nms(with2, scores2, { ...options, backend: 'typescript' }),
      );
    },
  );

  // The cases of ONNX's NonMaxSuppression operator, as it documents them.
  const ONNX_BOXES = [0, 0.1, -0.1, 10, 10.1, 100].map((y) => [0, y, 1, y + 1]);
  const ONNX_SCORES = [0.9, 0.75, 0.6, 0.95, 0.5, 0.3];
  test.each<[string, number[][], number[], Partial<NmsOptions>, number[]]>([
    ['suppress_by_IOU', ONNX_BOXES, ONNX_SCORES, {}, [3, 0, 5]],
    ['suppress_by_IOU_and_scores', ONNX_BOXES, ONNX_SCORES, { scoreThreshold: 0.4 }, [3, 0]],
    ['limit_output_size', ONNX_BOXES, ONNX_SCORES, { maxDetections: 2 }, [3, 0]],
    ['identical_boxes', Array.from({ length: 10 }, () => [0, 0, 1, 1]), Array.from({ length: 10 }, () => 0.9), {}, [0]],
    ['single_box', [[0, 0, 1, 1]], [0.9], {}, [0]],
  ])("gives the result of ONNX's %s", (_, boxes, scores, options, kept) =>
    expect(list(boxes, scores, { iouThreshold: 0.5, backend, ...options })).toEqual(kept),
  );

  test('does the images of a batch one by one', async () => {
    const cases = fc.array(fc.integer({ min: 0, max: 1e6 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        cases,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        async (seeds, iouThreshold, c) => {
          const parts = seeds.map((seed) => makeCase(seed, 200));
          const offsets = new Uint32Array(parts.length + 1);
          parts.forEach((part, b) => (offsets[b + 1] = offsets[b]! + part.scores.length));
          const boxes = Float32Array.from(parts.flatMap((part) => [...part.boxes]));
          const scores = Float32Array.from(parts.flatMap((part) => [...part.scores]));
          const classes = c ? Int32Array.from(parts.flatMap((part) => [...part.classes])) : undefined;
          const options = { iouThreshold, maxDetections: 50, backend };
          const alone = parts.map((part) =>
            nms(part.boxes, part.scores, { ...options, ...(c ? { classes: part.classes } : {}) }),
          );
          const batch = { boxes, scores, classes, offsets };
          expect(nmsBatch(batch, options)).toEqual(alone);
          expect(await nmsBatchAsync(batch, options)).toEqual(alone);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('keeps promises apart, whatever becomes of the arrays', async () => {
    const cases = Array.from({ length: 64 }, (_, seed) => makeCase(seed, 2000));
    const wanted = cases.map(({ boxes, scores, options }) => nms(boxes, scores, { ...options, backend: 'typescript' }));
    const results = cases.map(({ boxes, scores, options }, i) => {
      const promise = nmsAsync(boxes, scores, { ...options, backend });
      if (i % 2) boxes.fill(0);
      else structuredClone(boxes.buffer, { transfer: [boxes.buffer as ArrayBuffer] });
      return promise;
    });
    expect(await Promise.all(results)).toEqual(wanted);
  });

  test('takes no images, and images without boxes', () => {
    const none = { boxes: new Float32Array(0), scores: new Float32Array(0) };
    expect(nmsBatch({ ...none, offsets: Uint32Array.of(0) }, { iouThreshold: 0.5, backend })).toEqual([]);
    const empty = new Int32Array(0);
    expect(nmsBatch({ ...none, offsets: Uint32Array.of(0, 0, 0) }, { iouThreshold: 0.5, backend })).toEqual([
      empty,
      empty,
    ]);
  });
});

describe('arguments', () => {
  const boxes = new Float32Array(8);
  const scores = new Float32Array(2);
  const wrong = (value: unknown) => value as never;
  it.each<[string, () => unknown, string, RegExp]>([
    [
      'boxes of another type',
      () => nms(wrong([0, 0, 1, 1]), scores, { iouThreshold: 0.5 }),
      'TypeError',
      /Float32Array \[N, 4\].*got Array/,
    ],
    [
      'boxes in double',
      () => nms(wrong(new Float64Array(8)), scores, { iouThreshold: 0.5 }),
      'TypeError',
      /got Float64Array of length 8/,
    ],
    [
      'no scores',
      () => nms(boxes, wrong(undefined), { iouThreshold: 0.5 }),
      'TypeError',
      /scores: expected a Float32Array/,
    ],
    [
      'too few boxes',
      () => nms(boxes.subarray(1), scores, { iouThreshold: 0.5 }),
      'TypeError',
      /expected 8 numbers.*length 7/,
    ],
    ['no options', () => nms(boxes, scores, wrong(undefined)), 'TypeError', /options: expected an object/],
    ['no threshold', () => nms(boxes, scores, wrong({})), 'TypeError', /iouThreshold: expected a number from 0 to 1/],
    ['a threshold that is not a number', () => nms(boxes, scores, { iouThreshold: NaN }), 'RangeError', /got NaN/],
    ['a threshold above 1', () => nms(boxes, scores, { iouThreshold: 1.5 }), 'RangeError', /got 1.5/],
    [
      'a NaN score threshold',
      () => nms(boxes, scores, { iouThreshold: 0.5, scoreThreshold: NaN }),
      'RangeError',
      /scoreThreshold/,
    ],
    [
      'a maximum of 0',
      () => nms(boxes, scores, { iouThreshold: 0.5, maxDetections: 0 }),
      'RangeError',
      /integer from 1/,
    ],
    ['half a maximum', () => nms(boxes, scores, { iouThreshold: 0.5, maxDetections: 1.5 }), 'RangeError', /got 1.5/],
    [
      'classes of another type',
      () => nms(boxes, scores, { iouThreshold: 0.5, classes: wrong(new Float32Array(2)) }),
      'TypeError',
      /Int32Array \[2\]/,
    ],
    [
      'too many classes',
      () => nms(boxes, scores, { iouThreshold: 0.5, classes: new Int32Array(3) }),
      'TypeError',
      /expected 2 numbers/,
    ],
    [
      'an unknown backend',
      () => nms(boxes, scores, { iouThreshold: 0.5, backend: wrong('tpu') }),
      'TypeError',
      /'auto', 'cpu'.*got tpu/,
    ],
    [
      'no offsets',
      () => nmsBatch(wrong({ boxes, scores }), { iouThreshold: 0.5 }),
      'TypeError',
      /offsets: expected a Uint32Array/,
    ],
    [
      'offsets that end early',
      () => nmsBatch({ boxes, scores, offsets: Uint32Array.of(0, 1) }, { iouThreshold: 0.5 }),
      'RangeError',
      /end with 2/,
    ],
    [
      'offsets that fall',
      () => nmsBatch({ boxes, scores, offsets: Uint32Array.of(0, 2, 1, 2) }, { iouThreshold: 0.5 }),
      'RangeError',
      /offsets\[2\] is 1 after 2/,
    ],
  ])('refuses %s', (_, call, name, message) => {
    let error: unknown;
    try {
      call();
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).name).toBe(name);
    expect((error as Error).message).toMatch(message);
  });

  it('refuses them as rejections of promises', async () => {
    await expect(nmsAsync(boxes, new Float32Array(1), { iouThreshold: 0.5 })).rejects.toThrow(TypeError);
    await expect(nmsBatchAsync(wrong(null), { iouThreshold: 0.5 })).rejects.toThrow(TypeError);
  });

  it.skipIf(cudaMissingReason === null)('says why a backend that was asked for is not there', () => {
    expect(() => nms(boxes, scores, { iouThreshold: 0.5, backend: 'cuda' })).toThrow(
      expect.objectContaining({ code: 'nms-backend-missing' }) as Error,
    );
  });

  it('says which backend of auto did the work', () => {
    const { backend, kernelMs } = nmsBatchTimed(
      { boxes, scores, offsets: Uint32Array.of(0, 2) },
      { iouThreshold: 0.5 },
    );
    expect({ backend, kernelMs }).toEqual({
      backend: cpuMissingReason === null ? 'cpu' : 'typescript',
      kernelMs: null,
    });
  });
});
