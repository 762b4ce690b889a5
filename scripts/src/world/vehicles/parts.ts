/** Parts that many vehicles have. Local frame: x forward, y left, z up, metres. */
import { MeshBuilder, type Point } from '../geometry/mesh.js';
import { PLASTIC, RIM, TYRE } from './slots.js';

/** A wheel whose outer face is at `y` (its sign says on which side), with a dark arch behind it if `arch` is given. */
export function wheel(mesh: MeshBuilder, x: number, y: number, radius: number, width: number, arch = 0): void {
  const side = Math.sign(y);
  const outer: Point = [x, y, radius];
  mesh.tube([x, y - side * width, radius], outer, radius, radius, 14, TYRE);
  disc(mesh, [x, y + side * 0.006, radius], radius * 0.64, side, RIM, 12);
  disc(mesh, [x, y + side * 0.012, radius], radius * 0.24, side, TYRE, 8);
  if (arch > 0) disc(mesh, [x, y - side * 0.012, radius * 1.03], arch, side, PLASTIC, 14, radius * 0.5);
}

/** A disc that faces sideways, cut off below `lowest`. */
export function disc(
  mesh: MeshBuilder,
  centre: Point,
  radius: number,
  side: number,
  material: number,
  corners: number,
  lowest = -Infinity,
): void {
  const at = (k: number): Point => {
    const angle = (2 * Math.PI * k) / corners;
    return [centre[0] + radius * Math.cos(angle), centre[1], Math.max(lowest, centre[2] + radius * Math.sin(angle))];
  };
  for (let k = 0; k < corners; k++) {
    if (side > 0) mesh.triangle(centre, at(k + 1), at(k), material);
    else mesh.triangle(centre, at(k), at(k + 1), material);
  }
}

/** A flat patch across the vehicle at `x`, from `y0` to `y1` and `z0` to `z1`. */
export function crossPatch(
  mesh: MeshBuilder,
  x: number,
  [y0, y1]: readonly [number, number],
  [z0, z1]: readonly [number, number],
  material: number,
): void {
  mesh.quad([x, y0, z0], [x, y1, z0], [x, y1, z1], [x, y0, z1], material);
}

/** The same on both sides of the middle. */
export function crossPatches(
  mesh: MeshBuilder,
  x: number,
  [y0, y1]: readonly [number, number],
  z: readonly [number, number],
  material: number,
): void {
  crossPatch(mesh, x, [y0, y1], z, material);
  crossPatch(mesh, x, [-y1, -y0], z, material);
}

/** A flat patch along the side at `y`. */
export function sidePatch(
  mesh: MeshBuilder,
  y: number,
  [x0, x1]: readonly [number, number],
  [z0, z1]: readonly [number, number],
  material: number,
): void {
  mesh.quad([x0, y, z0], [x1, y, z0], [x1, y, z1], [x0, y, z1], material);
}
