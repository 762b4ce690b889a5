/** A main road and a car park from high above. */
import { Path } from '../geometry/path.js';
import { clearDay } from '../render/lighting.js';
import { Stage } from '../scenery/stage.js';
import { chooseModel } from '../vehicles/choice.js';
import { URBAN } from './mixes.js';
import type { ParkedVehicle, Route, Scene } from './world.js';

const LANE_M = 3.5;
const MEDIAN_M = 1;

export const overhead: Scene = {
  name: '08-overhead',
  title: 'Main road from above',
  seed: 1,
  periodS: 16,
  build({ random, lighting = clearDay(140, 50, 0.0003) }) {
    const stage = new Stage(random);
    const middle = new Path([
      [-150, 24],
      [150, 36],
    ]);
    const outer = MEDIAN_M + 2 * LANE_M;
    const lanes = [0.5, 1.5].map((k) => MEDIAN_M + k * LANE_M);
    stage.band(middle, -outer - 3, outer + 3, stage.paving);
    stage.road(middle, -outer - 0.4, outer + 0.4, [...lanes, ...lanes.map((lane) => -lane)]);
    stage.band(middle, -MEDIAN_M + 0.2, MEDIAN_M - 0.2, stage.grass);
    for (const side of [-1, 1]) {
      stage.line(middle, side * MEDIAN_M, 0.15);
      stage.line(middle, side * outer, 0.15);
      stage.dashes(middle, side * (MEDIAN_M + LANE_M), 3, 6, 0.15);
      stage.raisedKerb(middle, side * (outer + 0.5));
    }
    for (let at = 20; at < 300; at += 30) {
      const pose = middle.at(at);
      stage.lampPost(pose.x, pose.y, 9, at % 60 === 20 ? 1.57 : -1.57, 2.2);
      stage.tree(pose.x + 9, pose.y + 15 + 2 * random(), 6 + 2 * random());
      if (at % 60 === 20) stage.tree(pose.x - 6, pose.y - 12.5, 5 + 2 * random());
    }
    const parked = carPark(stage, random);
    for (const [x, y, along, across, height] of [
      [-34, 58, 26, 16, 11],
      [2, 60, 30, 15, 8],
      [42, 62, 28, 18, 14],
      [-70, 56, 30, 18, 9],
      [-46, 6, 18, 22, 8],
      [54, 10, 20, 20, 9],
    ] as const)
      stage.building(
        x,
        y,
        along,
        across,
        height,
        0.04,
        [0xc3b7a3, 0xa9a39b, 0xb98d70, 0xcdc8bd][Math.floor(random() * 4)]!,
      );
    const routes: Route[] = [];
    lanes.forEach((lane, k) => {
      const traffic = {
        speedKmh: 60 - 7 * k,
        vehiclesPerHour: 1000,
        mix: k === 0 ? { ...URBAN, truck: 0.6 } : { ...URBAN, truck: 1.6 },
      };
      routes.push({ path: middle.offset(-lane), ...traffic }, { path: middle.offset(lane).reversed(), ...traffic });
    });
    return {
      camera: { position: [2, -26, 36], panDeg: 90, tiltDeg: 38, fovDeg: 46 },
      lighting,
      ground: stage.ground.build(),
      solids: stage.solids.build(),
      materials: stage.materials.all,
      lamps: stage.lamps,
      routes,
      parked,
      laneWidthM: LANE_M,
      focus: { x: 0, y: 28, radiusM: 65 },
      calibration: [
        [-20, 22],
        [20, 23.6],
        [22, 38],
        [-22, 36],
      ],
    };
  },
};

/** Two rows of bays below the road. */
function carPark(stage: Stage, random: () => number): ParkedVehicle[] {
  stage.polygon(
    [
      [-33, -6],
      [36, -6],
      [36, 14],
      [-33, 14],
    ],
    stage.darkAsphalt,
  );
  const parked: ParkedVehicle[] = [];
  for (const [row, facing] of [
    [11, 1],
    [-3, -1],
  ] as const) {
    for (let k = 0; k < 25; k++) {
      const x = -31 + 2.65 * k;
      const line = new Path([
        [x - 1.32, row - 2.5],
        [x - 1.32, row + 2.5],
      ]);
      stage.line(line, 0, 0.1);
      if (random() < 0.3) continue;
      const model = chooseModel({ car: 9, van: 1, truck: 0, bus: 0, motorcycle: 0.2 }, random, 5.35);
      const nose = random() < 0.7 ? 1 : -1;
      parked.push({
        model: model.name,
        pose: {
          x: x + 0.15 * (random() - 0.5),
          y: row + 0.4 * (random() - 0.5),
          headingRad: (nose * facing * Math.PI) / 2 + 0.05 * (random() - 0.5),
        },
      });
    }
  }
  for (let x = -30; x < 36; x += 16) stage.bush(x, 15, 0.8);
  return parked;
}
