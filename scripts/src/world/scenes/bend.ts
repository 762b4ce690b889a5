/** A dual carriageway in a bend, from a pole on its outside. */
import { Path } from '../geometry/path.js';
import { clearDay } from '../render/lighting.js';
import { Stage } from '../scenery/stage.js';
import { MOTORWAY_FAST, MOTORWAY_SLOW } from './mixes.js';
import type { Route, Scene } from './world.js';

const LANE_M = 3.6;
const MEDIAN_M = 1.4;

export const bend: Scene = {
  name: '02-bend',
  title: 'A bend, from a pole',
  seed: 1,
  periodS: 14,
  build({ random, lighting = clearDay(-35, 30) }) {
    const stage = new Stage(random);
    const middle = Path.rounded(
      [
        [-30, -120],
        [10, 40],
        [-190, 260],
      ],
      190,
    );
    const outer = MEDIAN_M + 2 * LANE_M;
    const lanes = [0.5, 1.5].map((k) => MEDIAN_M + k * LANE_M);
    for (const side of [-1, 1]) {
      stage.band(middle, side * (outer + 2.6), side * outer, stage.paving);
      stage.road(
        middle,
        side * (MEDIAN_M - 0.6),
        side * (outer + 1.4),
        lanes.map((lane) => side * lane),
      );
      stage.line(middle, side * (MEDIAN_M - 0.05), 0.16);
      stage.line(middle, side * outer, 0.22);
      stage.dashes(middle, side * (MEDIAN_M + LANE_M), 4, 8, 0.15);
      stage.guardRail(middle, side * (outer + 2));
      stage.treeRow(middle, side * (outer + (side > 0 ? 12 : 17)), 8, 9, side > 0 ? 20 : 150);
      stage.treeRow(middle, side * (outer + 26), 9, 12, side > 0 ? 30 : 160);
    }
    stage.band(middle, -0.7, 0.7, stage.paving);
    stage.guardRail(middle, 0.25);
    stage.guardRail(middle, -0.25);
    for (let at = 70; at < 340; at += 34) {
      const pose = middle.at(at);
      stage.lampPost(pose.x, pose.y, 10, pose.headingRad + Math.PI / 2, 2.2);
    }
    for (const [x, y] of [
      [-60, 90],
      [-84, 60],
      [-64, 30],
    ] as const)
      stage.building(x, y, 12, 9, 5.5, random() * 3, [0xd8cdb8, 0xc9b79c, 0xe2ddd2][Math.floor(random() * 3)]!, true);
    const routes: Route[] = [];
    lanes.forEach((lane, k) => {
      const traffic = {
        speedKmh: k === 0 ? 84 : 72,
        vehiclesPerHour: k === 0 ? 1000 : 1150,
        mix: k === 0 ? MOTORWAY_FAST : MOTORWAY_SLOW,
      };
      routes.push({ path: middle.offset(-lane), ...traffic }, { path: middle.offset(lane).reversed(), ...traffic });
    });
    return {
      camera: { position: [14.5, 4, 9], panDeg: 125, tiltDeg: 13.5, fovDeg: 48 },
      lighting,
      ground: stage.ground.build(),
      solids: stage.solids.build(),
      materials: stage.materials.all,
      lamps: stage.lamps,
      routes,
      parked: [],
      laneWidthM: LANE_M,
      focus: { x: -15, y: 60, radiusM: 85 },
      calibration: groundPoints(middle, outer, 148, 190),
    };
  },
};

/** Two points on each edge of the road. */
export function groundPoints(middle: Path, outer: number, fromM: number, toM: number): (readonly [number, number])[] {
  const at = (distance: number, left: number): readonly [number, number] => {
    const pose = middle.at(distance);
    return [pose.x - left * Math.sin(pose.headingRad), pose.y + left * Math.cos(pose.headingRad)];
  };
  return [at(fromM, outer), at(fromM, -outer), at(toM, -outer), at(toM, outer)];
}
