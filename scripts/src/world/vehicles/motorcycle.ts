/** Motorcycles with their riders. */
import { MeshBuilder, type Mesh, type Point } from '../geometry/mesh.js';
import {
  CHASSIS,
  CHROME,
  GLASS,
  HEADLIGHT,
  PAINT,
  PLASTIC,
  PLATE,
  RIM,
  SECOND,
  SKIN,
  TAIL_LIGHT,
  THIRD,
  TYRE,
} from './slots.js';

export interface MotorcycleShape {
  /** A scooter has small wheels and an upright rider. */
  scooter: boolean;
  topCase: boolean;
}

export const MOTORCYCLE_LENGTH_M = 2.15;

export function motorcycleMesh({ scooter, topCase }: MotorcycleShape): Mesh {
  const mesh = new MeshBuilder();
  const radius = scooter ? 0.25 : 0.32;
  const front = 1.05 - radius;
  const rear = -1.05 + radius;
  for (const x of [front, rear]) {
    mesh.tube([x, -0.075, radius], [x, 0.075, radius], radius, radius, 14, TYRE, TYRE);
    mesh.tube([x, -0.082, radius], [x, 0.082, radius], radius * 0.66, radius * 0.66, 10, RIM);
  }
  mesh.tube([front, 0.09, radius], [front - 0.3, 0.09, 0.95], 0.035, 0.035, 5, CHROME);
  mesh.tube([front, -0.09, radius], [front - 0.3, -0.09, 0.95], 0.035, 0.035, 5, CHROME);
  mesh.box([rear + 0.2, -0.13, 0.3], [front - 0.25, 0.13, 0.62], CHASSIS);
  mesh.ellipsoid([0.18, 0, 0.82], [0.36, 0.19, 0.2], PAINT, 6, 10);
  mesh.ellipsoid([front - 0.12, 0, 0.9], [0.26, 0.2, 0.26], PAINT, 6, 10);
  mesh.ellipsoid([front - 0.05, 0, 1.12], [0.1, 0.16, 0.16], GLASS, 4, 8);
  mesh.box([rear - 0.1, -0.13, 0.76], [0.02, 0.13, 0.86], PLASTIC);
  mesh.ellipsoid([rear + 0.08, 0, 0.74], [0.38, 0.14, 0.13], PAINT, 5, 8);
  mesh.box([front + 0.05, -0.1, 0.8], [front + 0.12, 0.1, 0.95], HEADLIGHT);
  mesh.box([rear - 0.32, -0.09, 0.72], [rear - 0.26, 0.09, 0.8], TAIL_LIGHT);
  mesh.box([rear - 0.34, -0.1, 0.5], [rear - 0.31, 0.1, 0.64], PLATE);
  mesh.tube([front - 0.32, -0.36, 1], [front - 0.32, 0.36, 1], 0.025, 0.025, 5, CHASSIS);
  mesh.tube([rear + 0.1, -0.2, 0.35], [rear - 0.3, -0.22, 0.5], 0.06, 0.07, 6, CHROME);
  if (topCase) mesh.box([rear - 0.42, -0.24, 0.9], [rear + 0.02, 0.24, 1.25], PLASTIC);
  rider(mesh, scooter ? 0.05 : 0.2, front - 0.35);
  return mesh.build(50);
}

function rider(mesh: MeshBuilder, leanM: number, handlesAt: number): void {
  const hip: Point = [-0.2, 0, 0.92];
  const neck: Point = [hip[0] + leanM, 0, 1.48];
  mesh.ellipsoid([(hip[0] + neck[0]) / 2, 0, 1.2], [0.19, 0.25, 0.36], SECOND, 7, 10);
  mesh.ellipsoid([neck[0] + 0.05, 0, 1.62], [0.16, 0.14, 0.17], THIRD, 6, 10);
  mesh.ellipsoid([neck[0] + 0.12, 0, 1.61], [0.11, 0.11, 0.07], GLASS, 4, 8);
  for (const side of [-1, 1]) {
    const shoulder: Point = [neck[0] - 0.02, side * 0.24, 1.4];
    const elbow: Point = [neck[0] + 0.16, side * 0.38, 1.15];
    const hand: Point = [handlesAt, side * 0.33, 1.02];
    mesh.tube(shoulder, elbow, 0.085, 0.07, 6, SECOND).tube(elbow, hand, 0.07, 0.055, 6, SECOND);
    mesh.ellipsoid(hand, [0.06, 0.06, 0.06], SKIN, 4, 6);
    const knee: Point = [hip[0] + 0.46, side * 0.26, 0.82];
    const foot: Point = [hip[0] + 0.12, side * 0.24, 0.36];
    mesh.tube([hip[0], side * 0.13, 0.9], knee, 0.12, 0.095, 7, CHASSIS).tube(knee, foot, 0.09, 0.065, 7, CHASSIS);
    mesh.box(
      [foot[0] - 0.08, Math.min(foot[1], foot[1] + side * 0.09), foot[2] - 0.1],
      [foot[0] + 0.2, Math.max(foot[1], foot[1] + side * 0.09), foot[2]],
      PLASTIC,
    );
  }
}
