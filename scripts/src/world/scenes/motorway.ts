/** Three lanes each way, seen from a gantry. */
import { Path } from '../geometry/path.js';
import { clearDay } from '../render/lighting.js';
import { Stage } from '../scenery/stage.js';
import { MOTORWAY_FAST, MOTORWAY_SLOW } from './mixes.js';
import type { Route, Scene } from './world.js';

const LANE_M = 3.75;
const MEDIAN_M = 1.9;

export const motorway: Scene = {
  name: '01-motorway',
  title: 'Motorway, from a gantry',
  seed: 1,
  periodS: 14,
  build({ random, lighting = clearDay(205, 42) }) {
    const stage = new Stage(random);
    const middle = Path.rounded(
      [
        [0, -90],
        [0, 170],
        [-70, 520],
      ],
      700,
    );
    const outer = MEDIAN_M + 3 * LANE_M;
    const lanes = [0.5, 1.5, 2.5].map((k) => MEDIAN_M + k * LANE_M);
    for (const side of [-1, 1]) {
      stage.band(middle, side * (outer + 4.6), side * outer, stage.paving);
      stage.road(
        middle,
        side * (MEDIAN_M - 0.9),
        side * (outer + 3),
        lanes.map((lane) => side * lane),
      );
      stage.line(middle, side * (MEDIAN_M - 0.1), 0.2);
      stage.line(middle, side * outer, 0.25);
      for (const k of [1, 2]) stage.dashes(middle, side * (MEDIAN_M + k * LANE_M), 6, 12, 0.18);
      stage.guardRail(middle, side * (outer + 3.6));
      stage.treeRow(middle, side * (outer + 15), 9, 9, 30);
      stage.treeRow(middle, side * (outer + 24), 8, 13, 60);
      for (let at = 118; at < 480; at += 46) {
        const pose = middle.at(at);
        const left = side * (outer + 5);
        stage.lampPost(
          pose.x - left * Math.sin(pose.headingRad),
          pose.y + left * Math.cos(pose.headingRad),
          10,
          side > 0 ? 0 : Math.PI,
        );
      }
    }
    stage.wall(middle, 0, 0.6, 0.9, stage.concrete);
    stage.bridge(middle, 250, -60, 60, 6.2);
    stage.gantry(middle, 172, -outer - 4, -0.8, 6.6);
    const routes: Route[] = [];
    lanes.forEach((lane, k) => {
      const traffic = {
        speedKmh: [122, 110, 91][k]!,
        vehiclesPerHour: [1100, 1450, 1250][k]!,
        mix: k === 2 ? MOTORWAY_SLOW : MOTORWAY_FAST,
      };
      routes.push({ path: middle.offset(-lane), ...traffic }, { path: middle.offset(lane).reversed(), ...traffic });
    });
    return {
      camera: { position: [-1.6, 0, 8.2], panDeg: 91, tiltDeg: 11.5, fovDeg: 44 },
      lighting,
      ground: stage.ground.build(),
      solids: stage.solids.build(),
      materials: stage.materials.all,
      lamps: stage.lamps,
      routes,
      parked: [],
      laneWidthM: LANE_M,
      focus: { x: 0, y: 75, radiusM: 90 },
      calibration: [
        [MEDIAN_M, 25],
        [outer, 25],
        [outer, 70],
        [-outer, 70],
      ],
    };
  },
};
