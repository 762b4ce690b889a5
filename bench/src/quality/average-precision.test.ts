import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  averagePrecision,
  iou,
  judge,
  ofClass,
  summarise,
  type Found,
  type Picture,
  type Truth,
} from './average-precision.js';

const OPTIONS = { iouThreshold: 0.5, maxDetections: 100, minSidePx: 0 };

const truth = (x1: number, y1: number, x2: number, y2: number, ignore = false): Truth => {
  return { x1, y1, x2, y2, classIndex: 0, ignore };
};
const found = (score: number, x1: number, y1: number, x2: number, y2: number): Found => {
  return { x1, y1, x2, y2, classIndex: 0, score };
};

describe('iou', () => {
  it.each([
    ['the same box', [0, 0, 10, 10], 1],
    ['half of it', [0, 0, 10, 5], 0.5],
    ['shifted by half', [5, 0, 15, 10], 1 / 3],
    ['beside it', [10, 0, 20, 10], 0],
    ['far away, both ways', [-30, -30, -20, -20], 0],
  ] as const)('%s', (_, [x1, y1, x2, y2], expected) => {
    expect(iou({ x1: 0, y1: 0, x2: 10, y2: 10 }, { x1, y1, x2, y2 })).toBeCloseTo(expected, 12);
  });
});

describe('averagePrecision', () => {
  it('agrees with an example computed by hand', () => {
    // By score: right, wrong, right, the first once more. Recall 1/3, 1/3, 2/3, 2/3; precision 1, 1/2, 2/3, 1/2; made
    // monotone 1, 2/3, 2/3, 1/2. So 1 at the recalls 0..0.33 (34 of them), 2/3 at 0.34..0.66 (33), then 0.
    const pictures: Picture[] = [
      {
        truths: [truth(0, 0, 100, 100), truth(200, 0, 300, 100)],
        found: [found(0.6, 5, 0, 105, 100), found(0.9, 0, 0, 100, 100), found(0.8, 400, 0, 500, 100)],
      },
      { truths: [truth(50, 50, 90, 90)], found: [found(0.7, 50, 50, 90, 95)] },
    ];
    const { ap, recall, truths } = averagePrecision(pictures, OPTIONS);
    expect(ap).toBeCloseTo((34 + 33 * (2 / 3)) / 101, 12);
    expect(recall).toBeCloseTo(2 / 3, 12);
    expect(truths).toBe(3);
  });

  it('is 1 if all is found and nothing else, 0 if nothing is, null if there is nothing to find', () => {
    const box = truth(0, 0, 50, 50);
    expect(averagePrecision([{ truths: [box], found: [found(0.5, 0, 0, 50, 50)] }], OPTIONS).ap).toBe(1);
    expect(averagePrecision([{ truths: [box], found: [] }], OPTIONS)).toEqual({ ap: 0, recall: 0, truths: 1 });
    const nothing = averagePrecision([{ truths: [], found: [found(0.5, 0, 0, 50, 50)] }], OPTIONS);
    expect(nothing).toEqual({ ap: null, recall: null, truths: 0 });
  });

  it('counts a truth at exactly the threshold', () => {
    const pictures = [{ truths: [truth(0, 0, 10, 10)], found: [found(0.5, 0, 0, 10, 5)] }];
    expect(averagePrecision(pictures, OPTIONS).ap).toBe(1);
    expect(averagePrecision(pictures, { ...OPTIONS, iouThreshold: 0.51 }).ap).toBe(0);
  });

  it('does not depend on the order of pictures and boxes, nor on what scores are as long as their order is', () => {
    const coordinate = fc.integer({ min: 0, max: 60 });
    const side = fc.integer({ min: 5, max: 40 });
    const rectangle = fc.tuple(coordinate, coordinate, side, side);
    const picture = fc.record({
      boxes: fc.array(rectangle, { maxLength: 5 }),
      finds: fc.array(rectangle, { maxLength: 6 }),
    });
    fc.assert(
      fc.property(fc.array(picture, { minLength: 1, maxLength: 4 }), (drawn) => {
        let next = 1;
        const pictures = drawn.map(({ boxes, finds }) => ({
          truths: boxes.map(([x, y, w, h]) => truth(x, y, x + w, y + h)),
          found: finds.map(([x, y, w, h]) => found(1 / next++, x, y, x + w, y + h)),
        }));
        const turned = [...pictures].reverse().map(({ truths, found: finds }) => ({
          truths,
          found: [...finds].reverse().map((find) => ({ ...find, score: find.score ** 2 })),
        }));
        const { ap } = averagePrecision(pictures, OPTIONS);
        expect(averagePrecision(turned, OPTIONS).ap).toBe(ap);
        if (ap !== null) expect(ap).toBeGreaterThanOrEqual(0);
        if (ap !== null) expect(ap).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('judge', () => {
  const verdicts = (picture: Picture, options = OPTIONS) => judge(picture, options).map(({ correct }) => correct);

  it('gives a detection the truth that it overlaps most, and each truth once', () => {
    const picture = {
      truths: [truth(0, 0, 100, 100), truth(20, 0, 120, 100)],
      found: [found(0.9, 18, 0, 118, 100), found(0.8, 2, 0, 102, 100), found(0.7, 10, 0, 110, 100)],
    };
    expect(verdicts(picture)).toEqual([true, true, false]);
  });

  it('does not hold it against a detection that it found what is to be ignored', () => {
    const picture = { truths: [truth(0, 0, 100, 100, true)], found: [found(0.9, 0, 0, 100, 100)] };
    expect(verdicts(picture)).toEqual([]);
  });

  it('prefers a truth that counts to one to be ignored, even if that one overlaps more', () => {
    const picture = {
      truths: [truth(0, 0, 100, 100, true), truth(10, 0, 110, 100)],
      found: [found(0.9, 0, 0, 100, 100), found(0.8, 0, 0, 100, 100)],
    };
    expect(verdicts(picture)).toEqual([true]);
  });

  it('ignores small detections that match nothing, and counts those that match', () => {
    const picture = {
      truths: [truth(0, 0, 12, 12)],
      found: [found(0.9, 0, 0, 11, 11.5), found(0.8, 50, 50, 61, 70), found(0.7, 50, 50, 62, 62)],
    };
    expect(verdicts(picture, { ...OPTIONS, minSidePx: 12 })).toEqual([true, false]);
  });

  it('looks at the best-scoring detections only, up to the maximum', () => {
    const picture = { truths: [truth(0, 0, 9, 9)], found: [found(0.1, 0, 0, 9, 9), found(0.2, 50, 50, 59, 59)] };
    expect(verdicts(picture, { ...OPTIONS, maxDetections: 1 })).toEqual([false]);
  });
});

interface Figures {
  ap50: number;
  ap50to95: number;
  ap75: number;
  recall50: number;
}

/** Made by pycocotools; its area range stands for the least side (each box's area was given as its lesser side squared). */
interface Reference {
  tool: string;
  pictures: { truths: number[][]; found: number[][] }[];
  expected: { minSidePx: number; vehicle: Figures; classes: Figures[] }[];
}

describe('against pycocotools', () => {
  const text = readFileSync(new URL('./reference-example.json', import.meta.url), 'utf8');
  const reference = JSON.parse(text) as Reference;
  const picturesFor = (minSidePx: number) =>
    reference.pictures.map(({ truths, found: finds }): Picture => ({
      truths: truths.map((row) => {
        const [classIndex, x1, y1, x2, y2] = row as [number, number, number, number, number];
        return { classIndex, x1, y1, x2, y2, ignore: x2 - x1 < minSidePx || y2 - y1 < minSidePx };
      }),
      found: finds.map((row) => {
        const [classIndex, x1, y1, x2, y2, score] = row as [number, number, number, number, number, number];
        return { classIndex, x1, y1, x2, y2, score };
      }),
    }));

  it.each(reference.expected)('gives its figures for boxes from $minSidePx px', ({ minSidePx, vehicle, classes }) => {
    const options = { ...OPTIONS, minSidePx };
    const check = (pictures: Picture[], expected: Figures) => {
      const { ap50, ap50to95, recall50 } = summarise(pictures, options);
      const at75 = averagePrecision(pictures, { ...options, iouThreshold: 0.75 });
      expect(ap50).toBeCloseTo(expected.ap50, 7);
      expect(ap50to95).toBeCloseTo(expected.ap50to95, 7);
      expect(at75.ap).toBeCloseTo(expected.ap75, 7);
      expect(recall50).toBeCloseTo(expected.recall50, 7);
    };
    const pictures = picturesFor(minSidePx);
    check(pictures, vehicle);
    classes.forEach((expected, i) => check(ofClass(pictures, i), expected));
  });
});
