/** A roundabout with four arms, from a tall pole. */
import { Path } from '../geometry/path.js';
import { overcast } from '../render/lighting.js';
import { Stage } from '../scenery/stage.js';
import { URBAN } from './mixes.js';
import type { Route, Scene } from './world.js';

const LANE_M = 3.5;
const ISLAND_M = 9;
const RING_M = 15.6;
const TRACK_M = 12.4;
const REACH_M = 120;
const ARMS = [0, 1, 2, 3].map((k) => (k * Math.PI) / 2 + 0.12);

export const roundabout: Scene = {
  name: '04-roundabout',
  title: 'Roundabout',
  seed: 8,
  periodS: 18,
  build({ random, lighting = overcast() }) {
    const stage = new Stage(random);
    stage.disc(0, 0, RING_M + 5, stage.paving);
    for (const angle of ARMS) {
      const arm = new Path([
        [0, 0],
        [REACH_M * Math.cos(angle), REACH_M * Math.sin(angle)],
      ]);
      stage.band(arm, -6.2, 6.2, stage.paving);
    }
    for (const angle of ARMS) {
      const arm = new Path([
        [0, 0],
        [REACH_M * Math.cos(angle), REACH_M * Math.sin(angle)],
      ]);
      stage.road(arm, -4, 4, [-2, 2]);
      stage.line(arm, 3.8, 0.14, stage.white, RING_M + 4);
      stage.line(arm, -3.8, 0.14, stage.white, RING_M + 4);
      stage.dashes(arm, 0, 3, 4, 0.14, RING_M + 12);
      for (const side of [-1, 1]) stage.raisedKerb(arm, side * 4.1, RING_M + 4.5);
    }
    stage.disc(0, 0, RING_M, stage.asphalt);
    const ring = (radius: number): Path => new Path(Path.arcPoints([0, 0], radius, 0, 2 * Math.PI));
    stage.band(ring(TRACK_M), -1.3, -0.7, stage.darkAsphalt);
    stage.band(ring(TRACK_M), 0.6, 1.2, stage.darkAsphalt);
    stage.dashes(ring(RING_M), 0, 0.7, 0.7, 0.3);
    stage.disc(0, 0, ISLAND_M, stage.kerb);
    stage.disc(0, 0, ISLAND_M - 0.4, stage.paving);
    stage.disc(0, 0, ISLAND_M - 2, stage.grass);
    stage.wall(ring(ISLAND_M), 0, 0.3, 0.14, stage.kerb);
    stage.tree(0.5, 0.5, 6);
    for (let k = 0; k < 9; k++) stage.bush(5 * Math.cos(k * 0.7), 5 * Math.sin(k * 0.7), 0.5 + 0.4 * random());
    for (const angle of ARMS) {
      const at = (r: number, left: number): [number, number] => [
        r * Math.cos(angle) - left * Math.sin(angle),
        r * Math.sin(angle) + left * Math.cos(angle),
      ];
      // A splitter island.
      stage.polygon(
        [at(RING_M + 1.5, 0.9), at(RING_M + 1.5, -0.9), at(RING_M + 9, -0.25), at(RING_M + 9, 0.25)],
        stage.kerb,
      );
      stage.sign(...at(RING_M + 2.2, 0), angle, 0.6, 0.6, 0.8);
      stage.lampPost(...at(RING_M + 7, 7.5), 8, angle - Math.PI / 2, 1.8);
      for (let r = 30; r < REACH_M; r += 11)
        for (const side of [-1, 1]) stage.tree(...at(r, side * (9 + 3 * random())), 6 + 3 * random());
    }
    const walls = [0xd9cfbd, 0xb5735a, 0xe3ded4, 0xc9b18f];
    for (const quarter of [0, 1, 2, 3]) {
      for (let k = 0; k < 3; k++) {
        const angle = ARMS[quarter]! + Math.PI / 4 + (k - 1) * 0.3;
        if (Math.cos(angle - CAMERA_AT) > 0.75) continue;
        const r = 41 + 9 * random() + (k === 1 ? 8 : 0);
        stage.building(
          r * Math.cos(angle),
          r * Math.sin(angle),
          11,
          9,
          5.5 + 2 * random(),
          angle + 1.57,
          walls[Math.floor(random() * 4)]!,
          true,
        );
      }
    }
    const routes: Route[] = [];
    ARMS.forEach((from, i) => {
      for (const turn of [1, 2, 3]) {
        const to = ARMS[(i + turn) % 4]! + (i + turn >= 4 ? 2 * Math.PI : 0);
        routes.push({
          path: way(from, to),
          speedKmh: 27,
          vehiclesPerHour: [130, 220, 110][turn - 1]!,
          mix: turn === 1 ? { ...URBAN, truck: 0.3, bus: 0 } : URBAN,
          longestM: 12.5,
          stops: [{ atM: REACH_M - RING_M - 2.6 }],
        });
      }
    });
    return {
      camera: {
        position: [33 * Math.cos(CAMERA_AT), 33 * Math.sin(CAMERA_AT), 15],
        panDeg: 45 + 180 + 5,
        tiltDeg: 25,
        fovDeg: 60,
      },
      lighting,
      ground: stage.ground.build(),
      solids: stage.solids.build(),
      materials: stage.materials.all,
      lamps: stage.lamps,
      routes,
      parked: [],
      laneWidthM: LANE_M,
      focus: { x: 0, y: 0, radiusM: 65 },
      calibration: [
        [RING_M, 0],
        [0, RING_M],
        [-RING_M, 0],
        [0, -RING_M],
      ],
    };
  },
};

const CAMERA_AT = Math.PI / 4 + 0.12;

/** From far out on one arm, round the island against the clock, to far out on another. */
function way(from: number, to: number): Path {
  const at = (angle: number, r: number, left: number): readonly [number, number] => [
    r * Math.cos(angle) - left * Math.sin(angle),
    r * Math.sin(angle) + left * Math.cos(angle),
  ];
  const points = [at(from, REACH_M, 2), at(from, 60, 2), at(from, 34, 2), at(from, 26, 2.1), at(from, 20, 3)];
  const [start, end] = [from + 0.5, to - 0.5];
  const steps = Math.max(1, Math.round((end - start) / 0.35));
  for (let k = 0; k <= steps; k++) points.push(at(start + ((end - start) * k) / steps, TRACK_M, 0));
  points.push(at(to, 20, -3), at(to, 26, -2.1), at(to, 34, -2), at(to, 60, -2), at(to, REACH_M, -2));
  return Path.smooth(points);
}
