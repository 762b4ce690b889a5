import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Homography, type PointPair } from './homography.js';
import { seededRandom } from './random.js';

/** Unit square to a trapezoid, worked by hand: X = x / (1 + y), Y = y / (1 + y). */
const TRAPEZOID: PointPair[] = [
  { image: [0, 0], ground: [0, 0] },
  { image: [1, 0], ground: [1, 0] },
  { image: [1, 1], ground: [0.5, 0.5] },
  { image: [0, 1], ground: [0, 0.5] },
];

/** A camera 8 m above the road, looking along it with its horizon at y = 100: X = 8 (x - 480) / (y - 100), Y = 8000 / (y - 100). */
const road = (x: number, y: number): [number, number] => [(8 * (x - 480)) / (y - 100), 8000 / (y - 100)];
const pairAt = (x: number, y: number): PointPair => ({ image: [x, y], ground: road(x, y) });
const ROAD = [pairAt(200, 500), pairAt(760, 500), pairAt(520, 160), pairAt(440, 160)];

const faultOf = (pairs: readonly PointPair[]): unknown => {
  try {
    new Homography(pairs);
    return null;
  } catch (error) {
    return error;
  }
};
const degenerate = (message: RegExp): unknown =>
  expect.objectContaining({
    name: 'LanecastError',
    code: 'calibration-degenerate',
    message: expect.stringMatching(message) as string,
  });

describe('Homography', () => {
  it('agrees with a map worked by hand', () => {
    const map = new Homography(TRAPEZOID);
    expect(map.map(0.5, 0.5)[0]).toBeCloseTo(1 / 3, 12);
    expect(map.map(0.5, 0.5)[1]).toBeCloseTo(1 / 3, 12);
    // dX/dx = 1 / (1 + y), dX/dy = -x / (1 + y)^2, dY/dx = 0, dY/dy = 1 / (1 + y)^2.
    [2 / 3, -2 / 9, 0, 4 / 9].forEach((value, i) => expect(map.jacobian(0.5, 0.5)[i]).toBeCloseTo(value, 12));
    expect(map.residualM).toBeLessThan(1e-12);
  });

  it('maps the whole road from four of its points', () => {
    const map = new Homography(ROAD);
    for (const [x, y] of [
      [0, 539],
      [959, 300],
      [480, 110],
      [300, 101],
    ] as const) {
      const [xM, yM] = map.map(x, y);
      const [roadX, roadY] = road(x, y);
      expect(xM).toBeCloseTo(roadX, 6);
      expect(yM).toBeCloseTo(roadY, 6);
    }
  });

  it('knows no ground at the horizon and above it', () => {
    const map = new Homography(ROAD);
    for (const y of [100, 99, 0, -1e6]) {
      expect(map.map(480, y)).toEqual([NaN, NaN]);
      expect(map.jacobian(480, y)).toEqual([NaN, NaN, NaN, NaN]);
    }
  });

  it('does not care about the order of the pairs, nor which way the axes of the ground point', () => {
    const [a, b, c, d] = ROAD as [PointPair, PointPair, PointPair, PointPair];
    const map = new Homography(
      [c, a, d, b].map(({ image, ground: [x, y] }) => ({ image, ground: [y + 1000, x - 50] })),
    );
    expect(map.map(480, 300)[0]).toBeCloseTo(1040, 6);
    expect(map.map(480, 300)[1]).toBeCloseTo(-50, 6);
  });

  it('inverts any camera over the ground, points anywhere in view', () => {
    const camera = fc.record({
      heightM: fc.double({ min: 2, max: 40, noNaN: true }),
      horizonPx: fc.double({ min: -400, max: 250, noNaN: true }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(camera, ({ heightM, horizonPx, seed }) => {
        const random = seededRandom(seed);
        const toGround = (x: number, y: number): [number, number] => [
          (heightM * (x - 480)) / (y - horizonPx),
          (heightM * 900) / (y - horizonPx),
        ];
        const corner = (x: number, y: number): PointPair => {
          const image: [number, number] = [x + 100 * random(), y + 60 * random()];
          return { image, ground: toGround(...image) };
        };
        const map = new Homography([corner(0, 300), corner(800, 310), corner(820, 460), corner(30, 450)]);
        const [x, y] = [960 * random(), 260 + 280 * random()];
        const [wantedX, wantedY] = toGround(x, y);
        const [gotX, gotY] = map.map(x, y);
        expect(Math.hypot(gotX - wantedX, gotY - wantedY)).toBeLessThan(1e-7 * (1 + Math.hypot(wantedX, wantedY)));
        // The Jacobian against central differences.
        const step = 1e-3;
        const [right, left, below, above] = [
          map.map(x + step, y),
          map.map(x - step, y),
          map.map(x, y + step),
          map.map(x, y - step),
        ];
        const numeric = [right[0] - left[0], below[0] - above[0], right[1] - left[1], below[1] - above[1]].map(
          (d) => d / (2 * step),
        );
        map
          .jacobian(x, y)
          .forEach((value, i) => expect(Math.abs(value - numeric[i]!)).toBeLessThan(1e-5 * (1 + Math.abs(value))));
      }),
    );
  });

  it('averages the errors of more than four points and says how large they are', () => {
    const exact = [...ROAD, pairAt(300, 250), pairAt(650, 320), pairAt(400, 420), pairAt(700, 200)];
    const random = seededRandom(9);
    const clicked = exact.map(({ image: [x, y], ground }): PointPair => ({
      image: [x + 2 * random() - 1, y + 2 * random() - 1],
      ground,
    }));
    const map = new Homography(clicked);
    expect(map.residualM).toBeGreaterThan(0.05);
    expect(map.residualM).toBeLessThan(1.5);
    const [, yM] = map.map(480, 300);
    expect(yM).toBeCloseTo(40, 0);
    expect(new Homography(exact).residualM).toBeLessThan(1e-9);
  });
});

describe('points that calibrate nothing', () => {
  const at = (index: number, change: Partial<PointPair>): PointPair[] =>
    ROAD.map((pair, i) => (i === index ? { ...pair, ...change } : pair));

  it.each<[string, PointPair[], RegExp]>([
    ['three', ROAD.slice(1), /there are 3 points; it takes 4 to 32/],
    ['thirty-three', Array.from({ length: 33 }, (_, i) => pairAt(10 * i, 200 + ((i * i) % 97))), /there are 33 points/],
    ['one that is no number', at(2, { image: [NaN, 1] }), /point 3 has a coordinate that is no number/],
    ['two in one place of the picture', at(1, { image: [200, 500] }), /in the picture points 1 and 2 are in one place/],
    [
      'two in one place of the ground',
      at(3, { ground: ROAD[2]!.ground }),
      /on the ground points 3 and 4 are in one place/,
    ],
    [
      'three on one line of the picture',
      at(2, { image: [480, 500] }),
      /in the picture points 1, 2 and 3 lie on one line/,
    ],
    ['three almost on one line', at(2, { image: [480, 500.2] }), /in the picture points 1, 2 and 3 lie on one line/],
    ['three on one line of the ground', at(3, { ground: [0, 20] }), /on the ground points 1, 2 and 4 lie on one line/],
    ['all in one place', ROAD.map(({ ground }) => ({ image: [5, 5] as const, ground })), /all points are in one place/],
    [
      'neighbours swapped',
      [{ ...ROAD[0]!, ground: ROAD[1]!.ground }, { ...ROAD[1]!, ground: ROAD[0]!.ground }, ...ROAD.slice(2)],
      /the horizon would run between point \d/,
    ],
    [
      'a ground quadrilateral that crosses itself',
      ROAD.map(({ image }, i) => ({
        image,
        ground: (
          [
            [0, 0],
            [10, 30],
            [10, 0],
            [0, 30],
          ] as const
        )[i]!,
      })),
      /the horizon would run between/,
    ],
    [
      'one inside the triangle of the others on the ground only',
      at(2, { ground: [0, 25] }),
      /the horizon would run between/,
    ],
    [
      'six, five of them on one line',
      [0, 1, 2, 3, 4].map((i) => pairAt(100 * i, 300)).concat(pairAt(300, 200)),
      /all points but one lie on one line/,
    ],
  ])('refuses %s', (_, pairs, message) => {
    expect(faultOf(pairs)).toEqual(degenerate(message));
  });

  it('accepts six points of which four are on one line', () => {
    expect(
      faultOf([0, 1, 2, 3].map((i) => pairAt(100 * i, 300)).concat(pairAt(300, 200), pairAt(500, 220))),
    ).toBeNull();
  });

  it('never gives a map that is not finite at its own points, whatever it is given', () => {
    const number = fc.oneof(fc.double({ min: -1e4, max: 1e4, noNaN: true }), fc.integer({ min: -5, max: 5 }));
    const pair = fc.record({ image: fc.tuple(number, number), ground: fc.tuple(number, number) });
    fc.assert(
      fc.property(fc.array(pair, { minLength: 4, maxLength: 6 }), (pairs) => {
        const fault = faultOf(pairs);
        if (fault !== null) {
          expect(fault).toEqual(degenerate(/./));
          return;
        }
        const map = new Homography(pairs);
        for (const { image } of pairs) expect(map.map(...image).every(Number.isFinite)).toBe(true);
        if (pairs.length > 4) return;
        const extent = Math.max(...pairs.flatMap(({ ground }) => ground.map(Math.abs)), 1);
        expect(map.residualM / extent).toBeLessThan(1e-3);
      }),
      { numRuns: 500 },
    );
  });
});
