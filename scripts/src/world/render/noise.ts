/** Smooth random values over the plane, for textures. Fixed: the same everywhere and always. */
import { seededRandom } from '@lanecast/server/core/random';

const SIDE = 256;
const MASK = SIDE - 1;
const random = seededRandom(20_11);
const VALUES = Float32Array.from({ length: SIDE * SIDE }, () => random());

/** 0..1, smooth, about one bump per unit of x and y. Repeats after 256 units. */
export function noise(x: number, y: number): number {
  const ix = Math.floor(x);
  const iy = Math.floor(y);
  let fx = x - ix;
  let fy = y - iy;
  fx = fx * fx * (3 - 2 * fx);
  fy = fy * fy * (3 - 2 * fy);
  const row0 = (iy & MASK) * SIDE;
  const row1 = ((iy + 1) & MASK) * SIDE;
  const column0 = ix & MASK;
  const column1 = (ix + 1) & MASK;
  const a = VALUES[row0 + column0]!;
  const b = VALUES[row0 + column1]!;
  const c = VALUES[row1 + column0]!;
  const d = VALUES[row1 + column1]!;
  return a + (b - a) * fx + (c - a + (a - b - c + d) * fx) * fy;
}

/** 0..1, its own for each whole x and y. */
export function hash(x: number, y: number): number {
  return VALUES[((y * 57 + 13) & MASK) * SIDE + ((x * 31 + y * 7) & MASK)]!;
}
