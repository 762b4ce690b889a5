/** A street where people live, with cars parked on both sides. */
import { Path } from '../geometry/path.js';
import { clearDay } from '../render/lighting.js';
import { Stage } from '../scenery/stage.js';
import { chooseModel } from '../vehicles/choice.js';
import { RESIDENTIAL } from './mixes.js';
import type { ParkedVehicle, Route, Scene } from './world.js';

const LANE_M = 3;
const PARKING_M = 2.2;

export const sideStreet: Scene = {
  name: '05-side-street',
  title: 'Side street with parked cars',
  seed: 1,
  periodS: 16,
  build({ random, lighting = clearDay(150, 40, 0.001) }) {
    const stage = new Stage(random);
    const middle = Path.rounded(
      [
        [0, -60],
        [0, 60],
        [-30, 190],
      ],
      120,
    );
    const kerb = LANE_M + PARKING_M;
    stage.band(middle, -kerb - 3.4, kerb + 3.4, stage.paving);
    stage.road(middle, -kerb, kerb, [-LANE_M / 2, LANE_M / 2]);
    stage.dashes(middle, 0, 2, 3, 0.12);
    const parked: ParkedVehicle[] = [];
    for (const side of [-1, 1]) {
      stage.raisedKerb(middle, side * kerb);
      for (let at = 64; at < 200; at += 6) stage.line(middle, side * LANE_M, 0.1, stage.white, at, at + 5.2);
      let at = 55 + 3 * random();
      while (at < 175) {
        const model = chooseModel({ car: 8, van: 1, truck: 0, bus: 0, motorcycle: 0.5 }, random);
        at += model.lengthM / 2;
        if (random() < 0.82) {
          const pose = middle.at(at);
          const left = side * (LANE_M + PARKING_M / 2 + 0.08 * (random() - 0.5));
          const turned = side > 0 && random() < 0.85 ? Math.PI : 0;
          parked.push({
            model: model.name,
            pose: {
              x: pose.x - left * Math.sin(pose.headingRad),
              y: pose.y + left * Math.cos(pose.headingRad),
              headingRad: pose.headingRad + turned + 0.03 * (random() - 0.5),
            },
          });
        }
        at += model.lengthM / 2 + 0.9 + 1.6 * random();
      }
      const walls = [0xb87b5e, 0xd6c7ad, 0xc4b7a6, 0xa65f4a, 0xe0dbd0];
      for (let distance = 40; distance < 200; distance += 11.5) {
        const pose = middle.at(distance);
        const left = side * (kerb + 10.5 + random());
        stage.building(
          pose.x - left * Math.sin(pose.headingRad),
          pose.y + left * Math.cos(pose.headingRad),
          10.8,
          9,
          6 + 1.5 * random(),
          pose.headingRad,
          walls[Math.floor(random() * walls.length)]!,
          true,
        );
      }
      for (let distance = side > 0 ? 74 : 82; distance < 200; distance += 19) {
        const pose = middle.at(distance);
        const left = side * (kerb + 0.9);
        stage.tree(
          pose.x - left * Math.sin(pose.headingRad),
          pose.y + left * Math.cos(pose.headingRad),
          5.5 + 2 * random(),
        );
      }
      for (let distance = 88; distance < 200; distance += 30) {
        const pose = middle.at(distance);
        const left = side * (kerb + 0.7);
        stage.lampPost(
          pose.x - left * Math.sin(pose.headingRad),
          pose.y + left * Math.cos(pose.headingRad),
          6,
          pose.headingRad + (side > 0 ? -1.57 : 1.57),
          1,
        );
      }
    }
    const traffic = { speedKmh: 34, vehiclesPerHour: 560, mix: RESIDENTIAL, longestM: 7.5 };
    const routes: Route[] = [
      { path: middle.offset(-LANE_M / 2), ...traffic },
      { path: middle.offset(LANE_M / 2).reversed(), ...traffic },
    ];
    return {
      camera: { position: [-4.4, -13, 6], panDeg: 83, tiltDeg: 13, fovDeg: 50 },
      lighting,
      ground: stage.ground.build(),
      solids: stage.solids.build(),
      materials: stage.materials.all,
      lamps: stage.lamps,
      routes,
      parked,
      laneWidthM: LANE_M,
      focus: { x: 0, y: 35, radiusM: 65 },
      calibration: [
        [-LANE_M, 5],
        [LANE_M, 5],
        [LANE_M, 40],
        [-LANE_M, 40],
      ],
    };
  },
};
