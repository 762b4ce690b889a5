/** Which points the sun sees past buildings, trees and bridges (L. Williams, 1978). */
import { cross, unit, type Mesh, type Point } from '../geometry/mesh.js';
import { Fill, Rasteriser } from './rasteriser.js';

const SIDE = 1536;
/** Surfaces do not shade themselves. */
const BIAS_M = 0.12;

export class ShadowMap {
  readonly #across: Point;
  readonly #up: Point;
  readonly #towards: Point;
  readonly #centre: Point;
  readonly #texelsPerM: number;
  readonly #heights: Float32Array;

  /** Covers the ground within `radiusM` of `centre`. */
  constructor(solids: Mesh, towardsSun: Point, centre: Point, radiusM: number) {
    this.#towards = towardsSun;
    this.#across = unit(cross(towardsSun, Math.abs(towardsSun[2]) < 0.95 ? [0, 0, 1] : [1, 0, 0]));
    this.#up = cross(this.#across, towardsSun);
    this.#centre = centre;
    this.#texelsPerM = SIDE / (2 * radiusM);
    const raster = new Rasteriser(SIDE, SIDE);
    raster.nearness.fill(-1e9);
    const corner = new Float64Array(9);
    for (let t = 0; t < solids.count; t++) {
      for (let k = 0; k < 9; k += 3) this.#place(solids.positions, 9 * t + k, corner, k);
      const [a, b, c, d, e, f, g, h, i] = corner as unknown as number[];
      raster.fill(a!, b!, c!, d!, e!, f!, g!, h!, i!, Fill.Solid, t);
    }
    this.#heights = raster.nearness;
  }

  #place(from: ArrayLike<number>, at: number, to: Float64Array, k: number): void {
    const x = from[at]! - this.#centre[0];
    const y = from[at + 1]! - this.#centre[1];
    const z = from[at + 2]! - this.#centre[2];
    const { 0: ax, 1: ay, 2: az } = this.#across;
    const { 0: ux, 1: uy, 2: uz } = this.#up;
    const { 0: tx, 1: ty, 2: tz } = this.#towards;
    to[k] = SIDE / 2 + (x * ax + y * ay + z * az) * this.#texelsPerM;
    to[k + 1] = SIDE / 2 + (x * ux + y * uy + z * uz) * this.#texelsPerM;
    to[k + 2] = x * tx + y * ty + z * tz;
  }

  /** Share of the sun that a point sees: four texels, blended. */
  visible(px: number, py: number, pz: number): number {
    const x = px - this.#centre[0];
    const y = py - this.#centre[1];
    const z = pz - this.#centre[2];
    const { 0: ax, 1: ay, 2: az } = this.#across;
    const { 0: ux, 1: uy, 2: uz } = this.#up;
    const { 0: tx, 1: ty, 2: tz } = this.#towards;
    const u = SIDE / 2 + (x * ax + y * ay + z * az) * this.#texelsPerM - 0.5;
    const v = SIDE / 2 + (x * ux + y * uy + z * uz) * this.#texelsPerM - 0.5;
    const height = x * tx + y * ty + z * tz + BIAS_M;
    const column = Math.floor(u);
    const row = Math.floor(v);
    if (column < 0 || row < 0 || column >= SIDE - 1 || row >= SIDE - 1) return 1;
    const heights = this.#heights;
    const at = row * SIDE + column;
    const a = heights[at]! <= height ? 1 : 0;
    const b = heights[at + 1]! <= height ? 1 : 0;
    const c = heights[at + SIDE]! <= height ? 1 : 0;
    const d = heights[at + SIDE + 1]! <= height ? 1 : 0;
    const fu = u - column;
    const fv = v - row;
    return a + (b - a) * fu + (c - a + (a - b - c + d) * fu) * fv;
  }
}
