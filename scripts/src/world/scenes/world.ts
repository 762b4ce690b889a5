/** What a scene consists of. Metres; the ground is the plane z = 0. */
import type { Mesh } from '../geometry/mesh.js';
import type { Path, Pose } from '../geometry/path.js';
import type { CameraPlacement } from '../render/camera.js';
import type { Lighting } from '../render/lighting.js';
import type { Material } from '../render/materials.js';
import type { Lamp } from '../render/shader.js';
import type { Mix } from '../vehicles/choice.js';

/** One way through the scene, from out of sight to out of sight. */
export interface Route {
  path: Path;
  /** What a driver here likes to go; each driver differs a little. */
  speedKmh: number;
  vehiclesPerHour: number;
  mix: Mix;
  /** No longer vehicles than this. */
  longestM?: number;
  /** Where vehicles wait: for a signal, or for those who have right of way. */
  stops?: readonly Stop[];
}

/** A stop line at `atM` along a route. */
export interface Stop {
  atM: number;
  /** Times within the period when one may go: [from, to) in shares of the period. Absent: those on the road ahead go first. */
  green?: readonly (readonly [number, number])[];
}

export interface ParkedVehicle {
  pose: Pose;
  model: string;
}

export interface World {
  camera: CameraPlacement;
  lighting: Lighting;
  /** Layers of the ground plane: each covers those before it. */
  ground: Mesh;
  solids: Mesh;
  materials: readonly Material[];
  lamps: readonly Lamp[];
  routes: readonly Route[];
  parked: readonly ParkedVehicle[];
  /** Traffic lights on posts; `headingRad` is the direction of those who look at it. */
  signals?: readonly { x: number; y: number; headingRad: number; green: readonly (readonly [number, number])[] }[];
  laneWidthM: number;
  /** Where shadows are wanted. */
  focus: { x: number; y: number; radiusM: number };
  /** A place on the road, in sight, whose surroundings serve for calibration: four ground points. */
  calibration: readonly (readonly [number, number])[];
}

/** What may differ from one building of a scene to the next. */
export interface Variation {
  random: () => number;
  /** Absent: the scene's own. */
  lighting?: Lighting;
}

export interface Scene {
  /** Sorts as the scenes are shown. */
  name: string;
  title: string;
  /** Of the shipped clip. */
  seed: number;
  /** Length of the shipped loop. */
  periodS: number;
  build(variation: Variation): World;
}
