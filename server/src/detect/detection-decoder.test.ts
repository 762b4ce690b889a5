import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { letterbox, toModel } from '../core/geometry.js';
import { DetectionDecoder, PACKED_FIELDS, unpackDetection } from './detection-decoder.js';

type Row = [cx: number, cy: number, width: number, height: number, score: number, classIndex: number];

/** `[6,N]` of rows. */
const columns = (rows: readonly Row[]): Float32Array =>
  Float32Array.from([0, 1, 2, 3, 4, 5].flatMap((channel) => rows.map((row) => row[channel]!)));

const SAME = letterbox(640, 384, 640, 384);

function decode(rows: readonly Row[], box = SAME, options: { perClass?: boolean; maxDetections?: number } = {}) {
  const decoder = new DetectionDecoder({
    candidateCount: rows.length,
    classCount: 4,
    scoreThreshold: 0.25,
    iouThreshold: 0.5,
    ...options,
  });
  const packed = new Float32Array(decoder.maxDetections * PACKED_FIELDS + 6);
  const count = decoder.decode(columns(rows), 0, box, packed, 6);
  return Array.from({ length: count }, (_, i) => unpackDetection(packed, i + 1));
}

describe('DetectionDecoder', () => {
  it('gives corners, best score first, and leaves out what is below the threshold', () => {
    const rows: Row[] = [
      [100, 50, 40, 20, 0.25, 1],
      [300, 50, 40, 20, 0.24, 0],
      [200, 50, 40, 20, 0.75, 3],
    ];
    expect(decode(rows)).toEqual([
      { x1: 180, y1: 40, x2: 220, y2: 60, score: 0.75, classIndex: 3 },
      { x1: 80, y1: 40, x2: 120, y2: 60, score: 0.25, classIndex: 1 },
    ]);
  });

  it('lets boxes of all classes compete, unless told otherwise', () => {
    const rows: Row[] = [
      [100, 50, 40, 20, 0.9, 0],
      [101, 50, 40, 20, 0.8, 3],
    ];
    expect(decode(rows)).toHaveLength(1);
    expect(decode(rows, SAME, { perClass: true })).toHaveLength(2);
  });

  it('gives no more than the maximum', () => {
    const rows = Array.from({ length: 20 }, (_, i): Row => [30 * i, 50, 20, 20, 0.3 + i / 100, 0]);
    expect(decode(rows, SAME, { maxDetections: 5 }).map((d) => d.x1)).toEqual([560, 530, 500, 470, 440]);
  });

  it.each<[string, Row]>([
    ['a score that is not a number', [100, 50, 40, 20, NaN, 0]],
    ['an infinite score', [100, 50, 40, 20, Infinity, 0]],
    ['a centre that is not a number', [NaN, 50, 40, 20, 0.9, 0]],
    ['an infinite centre', [100, -Infinity, 40, 20, 0.9, 0]],
    ['an infinite width', [100, 50, Infinity, 20, 0.9, 0]],
    ['no width', [100, 50, 0, 20, 0.9, 0]],
    ['a negative height', [100, 50, 40, -20, 0.9, 0]],
    ['a class beyond the last', [100, 50, 40, 20, 0.9, 4]],
    ['a class that is not a number', [100, 50, 40, 20, 0.9, NaN]],
  ])('ignores %s', (_, row) => {
    const good: Row = [100, 50, 40, 20, 0.5, 0];
    expect(decode([row, good])).toEqual([{ x1: 80, y1: 40, x2: 120, y2: 60, score: 0.5, classIndex: 0 }]);
  });

  it('reads its own picture of a batch', () => {
    const rows: Row[] = [[100, 50, 40, 20, 0.5, 2]];
    const batch = Float32Array.from([...columns([[1, 1, 1, 1, 1, 1]]), ...columns(rows)]);
    const options = { candidateCount: 1, classCount: 4, scoreThreshold: 0.25, iouThreshold: 0.5 };
    const packed = new Float32Array(PACKED_FIELDS);
    expect(new DetectionDecoder(options).decode(batch, 6, SAME, packed, 0)).toBe(1);
    expect([...packed]).toEqual([80, 40, 120, 60, 0.5, 2]);
  });

  it('undoes the letterbox', () => {
    const size = fc.integer({ min: 64, max: 4096 });
    fc.assert(
      fc.property(size, size, fc.double({ min: 0.1, max: 0.9, noNaN: true }), (width, height, at) => {
        const box = letterbox(width, height, 640, 384);
        const truth = { x1: at * width - 20, y1: at * height - 10, x2: at * width + 20, y2: at * height + 10 };
        const [x1, y1] = toModel(box, truth.x1, truth.y1);
        const [x2, y2] = toModel(box, truth.x2, truth.y2);
        const [found] = decode([[(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1, 0.5, 0]], box);
        for (const side of ['x1', 'y1', 'x2', 'y2'] as const)
          expect(Math.abs(found![side] - truth[side])).toBeLessThan(0.01);
      }),
    );
  });
});
