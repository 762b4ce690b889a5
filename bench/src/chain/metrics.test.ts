import fc from 'fast-check';
import { seededRandom } from '@lanecast/server/core/random';
import { describe, expect, it } from 'vitest';
import { clearMot, motaOf } from './clear-mot.js';
import type { ComparedFrame } from './compare.js';
import { ALPHAS, hotaCounts, hotaOf } from './hota.js';
import { idf1Of, identity } from './identity.js';

const frame = (truthIds: readonly number[], trackIds: readonly number[], rows: number[][]): ComparedFrame => ({
  truthIds,
  trackIds,
  similarity: Float64Array.from(rows.flat()),
});
const times = (count: number, make: (index: number) => ComparedFrame): ComparedFrame[] =>
  Array.from({ length: count }, (_, index) => make(index));

const figures = (frames: ComparedFrame[]) => {
  const { counts } = clearMot(frames);
  return { ...counts, mota: motaOf(counts), idf1: idf1Of(identity(frames)), ...hotaOf(hotaCounts(frames)) };
};

/** The example of py-motmetrics' README; similarity is 1 - distance, and any distance that is given may match. */
const README = [
  frame(
    [1, 2],
    [1, 2, 3],
    [
      [0.9, 0, 0.7],
      [0.5, 0.8, 0.7],
    ],
  ),
  frame([1, 2], [1], [[0.8], [0.6]]),
  frame(
    [1, 2],
    [1, 3],
    [
      [0.4, 0.8],
      [0.9, 0.4],
    ],
  ),
];

describe('a published example', () => {
  it('has the figures that py-motmetrics prints: MOTA 50.0 %, MOTP 0.340, IDF1 83.3 %', () => {
    const { counts, matches } = clearMot(README, 0.1);
    expect(counts).toMatchObject({ truth: 6, falsePositives: 1, falseNegatives: 1, idSwitches: 1, truePositives: 5 });
    expect(motaOf(counts)).toBeCloseTo(0.5, 12);
    expect(1 - counts.similaritySum / counts.truePositives).toBeCloseTo(0.34, 12);
    expect(idf1Of(identity(README, 0.1))).toBeCloseTo(5 / 6, 12);
    // Vehicle 1 keeps its track although another is more alike: matches go on where they hold.
    expect(matches.filter((match) => match.frame === 2)).toEqual([
      { frame: 2, truth: 0, track: 0 },
      { frame: 2, truth: 1, track: 1 },
    ]);
  });
});

describe('examples worked by hand', () => {
  it('half of a vehicle in one piece', () => {
    const frames = times(10, (i) => (i < 5 ? frame([1], [7], [[1]]) : frame([1], [], [[]])));
    // A(c) = 5 / (5 + 5 missed). Identity: 5 right, 5 missed.
    expect(figures(frames)).toMatchObject({ mota: 0.5, idSwitches: 0, falseNegatives: 5 });
    expect(figures(frames).hota).toBeCloseTo(0.5, 12);
    expect(figures(frames).detectionAccuracy).toBeCloseTo(0.5, 12);
    expect(figures(frames).associationAccuracy).toBeCloseTo(0.5, 12);
    expect(figures(frames).idf1).toBeCloseTo(10 / 15, 12);
  });

  it('the whole of a vehicle in two pieces', () => {
    const frames = times(10, (i) => frame([1], [i < 5 ? 7 : 8], [[1]]));
    expect(figures(frames)).toMatchObject({ mota: 0.9, idf1: 0.5, idSwitches: 1, detectionAccuracy: 1 });
    expect(figures(frames).associationAccuracy).toBeCloseTo(0.5, 12);
    expect(figures(frames).hota).toBeCloseTo(Math.sqrt(0.5), 12);
  });

  it('two vehicles whose tracks change places half-way', () => {
    const frames = times(10, (i) =>
      frame([1, 2], i < 5 ? [7, 8] : [8, 7], [
        [1, 0],
        [0, 1],
      ]),
    );
    // A(c) = 5 / (5 + 5 + 5).
    expect(figures(frames)).toMatchObject({ mota: 0.9, idSwitches: 2, idf1: 0.5 });
    expect(figures(frames).hota).toBeCloseTo(Math.sqrt(1 / 3), 12);
  });

  it('a vehicle that is found everywhere, but not well', () => {
    const frames = times(4, () => frame([1], [7], [[0.6]]));
    expect(figures(frames)).toMatchObject({ mota: 1, idf1: 1 });
    // Right at 0.05 to 0.60.
    expect(figures(frames).hota).toBeCloseTo(12 / 19, 12);
    expect(figures(frames).localisationAccuracy).toBeCloseTo((12 * 0.6 + 7) / 19, 12);
  });

  it('a gap is no switch if the track comes back, also when another had it in between', () => {
    const gap = [frame([1], [7], [[1]]), frame([1], [], [[]]), frame([1], [7], [[1]])];
    expect(clearMot(gap).counts).toMatchObject({ idSwitches: 0, falseNegatives: 1 });
    const other = [frame([1], [7], [[1]]), frame([1], [8], [[1]]), frame([1], [7], [[1]])];
    expect(clearMot(other).counts.idSwitches).toBe(2);
  });

  it('identity takes the track that is there longest, not the one that comes first', () => {
    const frames = times(10, (i) => frame([1], [i < 3 ? 7 : 8], [[1]]));
    expect(identity(frames)).toEqual({ truePositives: 7, falseNegatives: 3, falsePositives: 3 });
  });

  it('HOTA matches what belongs together over the clip, where CLEAR takes the most alike', () => {
    const usual = times(8, () => frame([1], [7], [[0.9]]));
    const doubtful = frame([1], [7, 8], [[0.6, 0.7]]);
    const counts = hotaCounts([...usual, doubtful]);
    const half = ALPHAS.indexOf(0.5);
    // With 7: A(c) = 9 / 9 for all nine.
    expect(counts.associationSum[half]).toBeCloseTo(9, 12);
    expect(counts.truePositives[half]).toBe(9);
  });

  it('says nothing about nothing', () => {
    expect(figures([frame([], [], [])])).toMatchObject({ mota: null, idf1: null });
    expect(hotaOf(hotaCounts([frame([], [], [])]))).toBeNull();
    const ghosts = [frame([], [7, 8], [])];
    expect(figures(ghosts)).toMatchObject({ mota: null, idf1: 0, hota: 0, falsePositives: 2 });
    expect(figures([frame([1], [], [[]])])).toMatchObject({ mota: 0, idf1: 0, hota: 0 });
  });

  it('includes what lies exactly on the threshold', () => {
    expect(figures([frame([1], [7], [[0.5]])])).toMatchObject({ mota: 1, idf1: 1 });
    expect(figures([frame([1], [7], [[0.1 + 0.2 + 0.2 - 1e-12]])])).toMatchObject({ mota: 1 });
    expect(figures([frame([1], [7], [[0.4999]])])).toMatchObject({ mota: -1, idf1: 0 });
  });
});

/** Random clips: each frame has some of three vehicles and some of three tracks, with any similarities. */
const clip = fc.record({ seed: fc.nat(), length: fc.integer({ min: 1, max: 12 }) }).map(({ seed, length }) => {
  const random = seededRandom(seed);
  const some = (base: number): number[] => [1, 2, 3].filter(() => random() < 0.7).map((id) => base + id);
  return times(length, () => {
    const truthIds = some(0);
    const trackIds = some(10);
    return frame(
      truthIds,
      trackIds,
      truthIds.map(() => trackIds.map(() => random())),
    );
  });
});

describe('any clip', () => {
  it('identity is the best of all ways to pair vehicles and tracks', () => {
    const pairings = (tracks: number[]): number[][] =>
      tracks.length === 0
        ? [[]]
        : tracks.flatMap((t) => pairings(tracks.filter((u) => u !== t)).map((rest) => [t, ...rest]));
    fc.assert(
      fc.property(clip, (frames) => {
        const agreeing = (truthId: number, trackId: number): number =>
          frames.filter(({ truthIds, trackIds, similarity }) => {
            const [row, column] = [truthIds.indexOf(truthId), trackIds.indexOf(trackId)];
            return row >= 0 && column >= 0 && similarity[row * trackIds.length + column]! >= 0.5;
          }).length;
        const best = Math.max(
          ...pairings([11, 12, 13]).map((order) =>
            order.reduce((sum, trackId, i) => sum + agreeing(i + 1, trackId), 0),
          ),
        );
        expect(identity(frames).truePositives).toBe(best);
      }),
    );
  });

  it('has scores within their bounds that do not depend on names or on the order within a frame', () => {
    fc.assert(
      fc.property(clip, (frames) => {
        const score = figures(frames);
        for (const value of [score.idf1, score.hota, score.detectionAccuracy, score.associationAccuracy]) {
          if (value === null || value === undefined) continue;
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
        const renamed = frames.map(({ truthIds, trackIds, similarity }) => {
          const columns = trackIds.length;
          const rows = truthIds.map((_, row) =>
            Array.from(similarity.slice(row * columns, (row + 1) * columns)).reverse(),
          );
          return frame(
            truthIds.map((id) => 100 - id).reverse(),
            trackIds.map((id) => id * 7).reverse(),
            rows.reverse(),
          );
        });
        const again = figures(renamed);
        for (const name of ['mota', 'idf1', 'hota', 'idSwitches', 'similaritySum'] as const) {
          if (score[name] === null || score[name] === undefined) expect(again[name]).toBe(score[name]);
          else expect(again[name]).toBeCloseTo(score[name], 9);
        }
      }),
    );
  });

  it('tracked perfectly scores 1 everywhere', () => {
    fc.assert(
      fc.property(clip, (frames) => {
        const perfect = frames.map(({ truthIds }) =>
          frame(
            truthIds,
            truthIds.map((id) => id + 10),
            truthIds.map((id) => truthIds.map((other) => (id === other ? 1 : 0))),
          ),
        );
        fc.pre(perfect.some(({ truthIds }) => truthIds.length > 0));
        expect(figures(perfect)).toMatchObject({ mota: 1, idf1: 1, hota: 1, localisationAccuracy: 1 });
      }),
    );
  });
});
