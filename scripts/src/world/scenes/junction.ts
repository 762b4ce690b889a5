/** A crossing in town, with signals. */
import { Path } from '../geometry/path.js';
import { clearDay } from '../render/lighting.js';
import { Stage } from '../scenery/stage.js';
import { URBAN } from './mixes.js';
import type { Route, Scene } from './world.js';

const LANE_M = 3.25;
const REACH_M = 150;
/** Of the period. The rest is for clearing. */
const GREEN_MAIN = [0.02, 0.47] as const;
const GREEN_SIDE = [0.56, 0.91] as const;

export const junction: Scene = {
  name: '03-junction',
  title: 'Crossing with signals',
  seed: 1,
  periodS: 20,
  build({ random, lighting = clearDay(245, 48) }) {
    const stage = new Stage(random);
    const main = new Path([
      [-REACH_M, 0],
      [REACH_M, 0],
    ]);
    const side = new Path([
      [0, -REACH_M],
      [0, REACH_M],
    ]);
    const mainHalf = 2 * LANE_M + 0.3;
    const sideHalf = LANE_M + 0.4;
    stage.polygon(
      [
        [-REACH_M, -40],
        [REACH_M, -40],
        [REACH_M, 40],
        [-REACH_M, 40],
      ],
      stage.paving,
    );
    stage.polygon(
      [
        [-40, -REACH_M],
        [40, -REACH_M],
        [40, REACH_M],
        [-40, REACH_M],
      ],
      stage.paving,
    );
    stage.road(side, -sideHalf, sideHalf, [-LANE_M / 2, LANE_M / 2]);
    stage.road(
      main,
      -mainHalf,
      mainHalf,
      [-1.5, -0.5, 0.5, 1.5].map((k) => k * LANE_M),
    );
    for (const sx of [-1, 1])
      for (const sy of [-1, 1]) {
        const corner = 4;
        stage.polygon(
          [
            [sx * sideHalf, sy * mainHalf],
            [sx * (sideHalf + corner), sy * mainHalf],
            [sx * sideHalf, sy * (mainHalf + corner)],
          ],
          stage.asphalt,
        );
      }
    const stopMain = sideHalf + 6.6;
    const stopSide = mainHalf + 6.2;
    for (const [path, half, stop, lanes] of [
      [main, mainHalf, stopMain, 2],
      [side, sideHalf, stopSide, 1],
    ] as const) {
      for (const [from, to] of [
        [0, REACH_M - stop],
        [REACH_M + stop, 2 * REACH_M],
      ] as const) {
        stage.line(path, 0.1, 0.12, stage.white, from, to);
        stage.line(path, -0.1, 0.12, stage.white, from, to);
        if (lanes === 2) for (const left of [-LANE_M, LANE_M]) stage.dashes(path, left, 3, 6, 0.13, from, to);
        const nearEnd = from === 0;
        stage.band(
          path,
          nearEnd ? -half : 0,
          nearEnd ? 0 : half,
          stage.white,
          nearEnd ? to - 0.5 : from,
          nearEnd ? to : from + 0.5,
        );
        for (const edge of [-half, half])
          stage.raisedKerb(path, edge, nearEnd ? from : from - 2, nearEnd ? to + 2 : to);
        const zebra = nearEnd ? to + 1.4 : from - 4.4;
        for (let left = -half + 0.5; left < half - 0.3; left += 1.1)
          stage.band(path, left, left + 0.55, stage.white, zebra, zebra + 3);
      }
    }
    const walls = [0xb9a58a, 0x9a6f5a, 0xcfc6b4, 0xa8adb0, 0xc7b08c, 0x8e8577];
    const wall = (): number => walls[Math.floor(random() * walls.length)]!;
    for (const sx of [-1, 1])
      for (const sy of [-1, 1])
        for (let k = 0; k < 3; k++) {
          const height = 9 + random() * 12;
          const near = sx < 0 && sy < 0;
          if (near && k === 0) continue;
          stage.building(sx * (21 + k * 27), sy * (24 + random() * 2), 24, 18, height, 0, wall());
          if (k > 0) stage.building(sx * (22 + random() * 2), sy * (24 + k * 25), 18, 22, height + 3, 0, wall());
        }
    for (let at = 22; at < 130; at += 17)
      for (const sx of [-1, 1]) {
        stage.tree(sx * at, mainHalf + 3.4, 6 + random() * 2);
        if (sx > 0 || at > 40) stage.tree(sx * (at + 6), -mainHalf - 3.4, 6 + random() * 2);
      }
    for (let at = 20; at < 120; at += 26)
      for (const sx of [-1, 1]) stage.lampPost(sx * at, mainHalf + 1.2, 8, -Math.PI / 2);
    const s = sideHalf + 2;
    const m = mainHalf + 1.5;
    const signals = [
      { x: -s - 5, y: -m, headingRad: 0, green: [GREEN_MAIN] },
      { x: s + 5, y: m, headingRad: Math.PI, green: [GREEN_MAIN] },
      { x: s, y: -m - 5, headingRad: Math.PI / 2, green: [GREEN_SIDE] },
      { x: -s, y: m + 5, headingRad: -Math.PI / 2, green: [GREEN_SIDE] },
      // Repeated on the far side, where the first in the queue sees them.
      { x: s + 0.5, y: -m, headingRad: 0, green: [GREEN_MAIN] },
      { x: -s - 0.5, y: m + 0.5, headingRad: Math.PI, green: [GREEN_MAIN] },
      { x: s, y: m + 0.5, headingRad: Math.PI / 2, green: [GREEN_SIDE] },
    ];
    for (const signal of signals) stage.signal(signal.x, signal.y, signal.headingRad);
    stage.sign(-s - 9, -m - 0.4, 0, 0.7, 0.7, 2.1);
    stage.sign(s + 1.5, m + 9, -Math.PI / 2, 0.7, 0.7, 2.1, stage.signWhite);

    const routes: Route[] = [];
    const mainStop = [{ atM: REACH_M - stopMain - 0.6, green: [GREEN_MAIN] }];
    const sideStop = [{ atM: REACH_M - stopSide - 0.6, green: [GREEN_SIDE] }];
    const straightMain = { speedKmh: 49, vehiclesPerHour: 520, mix: URBAN, stops: mainStop };
    const straightSide = { speedKmh: 43, vehiclesPerHour: 380, mix: { ...URBAN, bus: 0.3 }, stops: sideStop };
    for (const lane of [0.5, 1.5]) {
      routes.push({ path: main.offset(-lane * LANE_M), ...straightMain });
      routes.push({ path: main.offset(lane * LANE_M).reversed(), ...straightMain });
    }
    routes.push({ path: side.offset(-0.5 * LANE_M), ...straightSide });
    routes.push({ path: side.offset(0.5 * LANE_M).reversed(), ...straightSide });
    const [o, i] = [1.5 * LANE_M, 0.5 * LANE_M];
    const turning = { speedKmh: 33, vehiclesPerHour: 180, mix: { ...URBAN, truck: 0, bus: 0 }, longestM: 7 };
    routes.push({
      path: Path.rounded(
        [
          [-REACH_M, -o],
          [-i, -o],
          [-i, -REACH_M],
        ],
        8,
      ),
      ...turning,
      stops: mainStop,
    });
    routes.push({
      path: Path.rounded(
        [
          [REACH_M, o],
          [i, o],
          [i, REACH_M],
        ],
        8,
      ),
      ...turning,
      stops: mainStop,
    });
    routes.push({
      path: Path.rounded(
        [
          [i, -REACH_M],
          [i, -o],
          [REACH_M, -o],
        ],
        8,
      ),
      ...turning,
      stops: sideStop,
    });
    routes.push({
      path: Path.rounded(
        [
          [-i, REACH_M],
          [-i, o],
          [-REACH_M, o],
        ],
        8,
      ),
      ...turning,
      stops: sideStop,
    });
    return {
      camera: { position: [-18, -21, 9], panDeg: 51, tiltDeg: 16, fovDeg: 56 },
      lighting,
      ground: stage.ground.build(),
      solids: stage.solids.build(),
      materials: stage.materials.all,
      lamps: stage.lamps,
      routes,
      parked: [],
      signals,
      laneWidthM: LANE_M,
      focus: { x: 8, y: 10, radiusM: 75 },
      calibration: [
        [-11, -mainHalf],
        [14, -mainHalf],
        [14, mainHalf],
        [-11, mainHalf],
      ],
    };
  },
};
