import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nmsInfo } from './backends.js';
import { DetectNms, detectNms } from './detect-nms.js';

const { cpuMissingReason } = nmsInfo();

/** `[B, 6, N]` of random candidates, some of them odd. */
const outputs = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 60 }))
  .chain(([batch, candidates]) =>
    fc.record({
      batch: fc.constant(batch),
      candidates: fc.constant(candidates),
      rows: fc.array(
        fc.tuple(
          fc.oneof({ weight: 20, arbitrary: fc.integer({ min: 0, max: 100 }) }, { weight: 1, arbitrary: fc.float() }),
          fc.oneof({ weight: 20, arbitrary: fc.integer({ min: 0, max: 100 }) }, { weight: 1, arbitrary: fc.float() }),
          fc.oneof({ weight: 20, arbitrary: fc.integer({ min: -1, max: 40 }) }, { weight: 1, arbitrary: fc.float() }),
          fc.oneof({ weight: 20, arbitrary: fc.integer({ min: -1, max: 40 }) }, { weight: 1, arbitrary: fc.float() }),
          fc.oneof(
            { weight: 20, arbitrary: fc.integer({ min: 0, max: 8 }).map((s) => s / 8) },
            { weight: 1, arbitrary: fc.float() },
          ),
          fc.oneof(
            { weight: 20, arbitrary: fc.integer({ min: -1, max: 5 }) },
            { weight: 1, arbitrary: fc.constantFrom(-0, NaN, 0.5) },
          ),
        ),
        { minLength: batch * candidates, maxLength: batch * candidates },
      ),
    }),
  )
  .map(({ batch, candidates, rows }) => {
    const output = new Float32Array(batch * 6 * candidates);
    rows.forEach((row, i) => {
      const image = Math.floor(i / candidates);
      row.forEach((value, field) => (output[(image * 6 + field) * candidates + (i % candidates)] = value));
    });
    return { batch, candidates, output };
  });

describe('detectNms', () => {
  it('gives corners, score and class, best first', () => {
    const output = Float32Array.of(100, 300, 50, 50, 40, 40, 20, 20, 0.25, 0.75, 1, 3);
    const [rows] = detectNms(output, { candidates: 2, iouThreshold: 0.5 });
    expect([...rows!]).toEqual([280, 40, 320, 60, 0.75, 3, 80, 40, 120, 60, 0.25, 1]);
  });

  it.skipIf(cpuMissingReason !== null)('is the same in C++ as in TypeScript', () => {
    fc.assert(
      fc.property(
        outputs,
        fc.record(
          {
            scoreThreshold: fc.constantFrom(0, 0.25, 0.3, 0.5),
            classCount: fc.integer({ min: 1, max: 5 }),
            perClass: fc.boolean(),
            maxDetections: fc.integer({ min: 1, max: 20 }),
          },
          { requiredKeys: [] },
        ),
        fc.double({ min: 0, max: 1, noNaN: true }),
        ({ output, batch, candidates }, some, iouThreshold) => {
          const options = { ...some, iouThreshold, batch, candidates };
          const wanted = detectNms(output, { ...options, backend: 'typescript' });
          expect(detectNms(output, { ...options, backend: 'cpu' })).toEqual(wanted);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('stops where the room for rows ends', () => {
    const candidates = 4;
    const output = Float32Array.of(10, 30, 50, 70, 9, 9, 9, 9, 8, 8, 8, 8, 8, 8, 8, 8, 0.1, 0.2, 0.3, 0.4, 0, 0, 0, 0);
    const rows = new Float32Array(13);
    for (const backend of ['auto', 'typescript'] as const) {
      expect(new DetectNms({ candidates, iouThreshold: 0.5, backend }).run(output, 0, rows.fill(0))).toBe(2);
      expect([rows[0], rows[6], rows[12]]).toEqual([66, 46, 0]);
    }
  });

  it('says what runs, and why it is not better', () => {
    const detect = new DetectNms({ candidates: 1, iouThreshold: 0.5 });
    expect(detect.backend).toBe(cpuMissingReason === null ? 'cpu' : 'typescript');
    expect(detect.backendReason === null).toBe(cpuMissingReason === null);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'an output of another length',
      () => detectNms(new Float32Array(11), { candidates: 2, iouThreshold: 0.5 }),
      /expected 12 numbers \(\[1, 6, 2\]\)/,
    ],
    [
      'an output in double',
      () => detectNms(new Float64Array(12) as never, { candidates: 2, iouThreshold: 0.5 }),
      /Float32Array \[B, 6, N\]/,
    ],
    [
      'no count',
      () => detectNms(new Float32Array(12), { iouThreshold: 0.5 } as never),
      /options.candidates: expected an integer/,
    ],
    [
      'an offset beyond the end',
      () => new DetectNms({ candidates: 1, iouThreshold: 0.5 }).run(new Float32Array(6), 1, new Float32Array(6)),
      /offset/,
    ],
  ])('refuses %s', (_, call, message) => expect(call).toThrow(message));
});
