/** A wide road through a town: the base of the night and the rain scene. */
import { Path } from '../geometry/path.js';
import { Stage } from '../scenery/stage.js';
import { groundPoints } from './bend.js';
import { URBAN } from './mixes.js';
import type { Lighting } from '../render/lighting.js';
import type { CameraPlacement } from '../render/camera.js';
import type { Route, World } from './world.js';

export interface AvenueOptions {
  corners: readonly (readonly [number, number])[];
  radiusM: number;
  camera: CameraPlacement;
  lighting: Lighting;
  /** Trees on the strip in the middle, else lamps and a fence. */
  green: boolean;
  tall: boolean;
  speedKmh: number;
}

const LANE_M = 3.4;

export function avenue(random: () => number, options: AvenueOptions): World {
  const stage = new Stage(random);
  const middle = Path.rounded(options.corners, options.radiusM);
  const median = options.green ? 2.6 : 1.2;
  const outer = median + 2 * LANE_M;
  const lanes = [0.5, 1.5].map((k) => median + k * LANE_M);
  stage.band(middle, -outer - 6, outer + 6, stage.paving);
  const beside = (at: number, left: number): [number, number] => {
    const pose = middle.at(at);
    return [pose.x - left * Math.sin(pose.headingRad), pose.y + left * Math.cos(pose.headingRad)];
  };
  for (const side of [-1, 1]) {
    stage.road(
      middle,
      side * (median - 0.4),
      side * (outer + 0.4),
      lanes.map((lane) => side * lane),
    );
    stage.line(middle, side * (median - 0.1), 0.14);
    stage.line(middle, side * outer, 0.14);
    stage.dashes(middle, side * (median + LANE_M), 3, 6, 0.15);
    stage.raisedKerb(middle, side * (outer + 0.5));
    stage.raisedKerb(middle, side * (median - 0.5));
    for (let at = 52; at < middle.lengthM; at += 27) {
      const heading = middle.at(at).headingRad;
      stage.lampPost(
        ...beside(at + (side > 0 ? 13 : 0), side * (outer + 1.4)),
        8.5,
        heading - (side * Math.PI) / 2,
        2.4,
        60,
      );
    }
    stage.treeRow(middle, side * (outer + 4.2), 15, 6.5, 98);
    const walls = options.tall ? [0x8f8a84, 0x9c7c66, 0xa5a8ab, 0xb8a78c] : [0xc9bca6, 0xa66f58, 0xd7d2c8, 0xb9a07c];
    for (let at = 40; at < middle.lengthM - 20; at += 24) {
      const height = options.tall ? 12 + 16 * random() : 6 + 6 * random();
      const heading = middle.at(at).headingRad;
      stage.building(
        ...beside(at, side * (outer + 17)),
        21,
        16,
        height,
        heading,
        walls[Math.floor(random() * 4)]!,
        !options.tall && height < 9,
      );
    }
  }
  if (options.green) {
    stage.band(middle, -median + 0.6, median - 0.6, stage.grass);
    for (let at = 95; at < middle.lengthM; at += 17) stage.bush(...beside(at, 0), 0.7 + 0.4 * random());
  } else {
    stage.wall(middle, 0, 0.25, 0.7, stage.concrete);
  }
  const routes: Route[] = [];
  lanes.forEach((lane, k) => {
    const traffic = {
      speedKmh: options.speedKmh - 6 * k,
      vehiclesPerHour: k === 0 ? 1050 : 950,
      mix: k === 0 ? { ...URBAN, truck: 0.5, bus: 0.5 } : { ...URBAN, truck: 1.5, bus: 1.6 },
    };
    routes.push({ path: middle.offset(-lane), ...traffic }, { path: middle.offset(lane).reversed(), ...traffic });
  });
  return {
    camera: options.camera,
    lighting: options.lighting,
    ground: stage.ground.build(),
    solids: stage.solids.build(),
    materials: stage.materials.all,
    lamps: stage.lamps,
    routes,
    parked: [],
    laneWidthM: LANE_M,
    focus: { x: 0, y: 60, radiusM: 80 },
    calibration: groundPoints(middle, outer, 95, 135),
  };
}
