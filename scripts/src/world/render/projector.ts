/** World triangles to the rasteriser, clipped at the near plane. */
import type { Camera } from './camera.js';
import type { Fill, Rasteriser } from './rasteriser.js';

/** Nothing nearer is drawn. */
const NEAR_M = 0.3;

export class Projector {
  readonly #target: Rasteriser;
  readonly #camera: Camera;
  readonly #focal: number;
  /** Corners in view: across, below, depth. */
  readonly #view = new Float64Array(9);

  constructor(target: Rasteriser, camera: Camera) {
    this.#target = target;
    this.#camera = camera;
    this.#focal = (camera.focalPx * target.width) / camera.widthPx;
  }

  /** Draws the triangle at `at` (nine numbers) of `positions`. */
  draw(positions: ArrayLike<number>, at: number, mode: Fill, id: number): void {
    const { position, right, down, forward } = this.#camera;
    const view = this.#view;
    let behind = 0;
    for (let k = 0; k < 9; k += 3) {
      const x = positions[at + k]! - position[0];
      const y = positions[at + k + 1]! - position[1];
      const z = positions[at + k + 2]! - position[2];
      view[k] = x * right[0] + y * right[1] + z * right[2];
      view[k + 1] = x * down[0] + y * down[1] + z * down[2];
      const depth = x * forward[0] + y * forward[1] + z * forward[2];
      view[k + 2] = depth;
      if (depth < NEAR_M) behind++;
    }
    if (behind === 3) return;
    if (behind === 0) {
      this.#emit(view[0]!, view[1]!, view[2]!, view[3]!, view[4]!, view[5]!, view[6]!, view[7]!, view[8]!, mode, id);
      return;
    }
    this.#clipped(mode, id);
  }

  #clipped(mode: Fill, id: number): void {
    const view = this.#view;
    const kept: [number, number, number][] = [];
    for (let k = 0; k < 3; k++) {
      const a = 3 * k;
      const b = 3 * ((k + 1) % 3);
      const depthA = view[a + 2]!;
      const depthB = view[b + 2]!;
      if (depthA >= NEAR_M) kept.push([view[a]!, view[a + 1]!, depthA]);
      if (depthA >= NEAR_M !== depthB >= NEAR_M) {
        const part = (NEAR_M - depthA) / (depthB - depthA);
        kept.push([
          view[a]! + part * (view[b]! - view[a]!),
          view[a + 1]! + part * (view[b + 1]! - view[a + 1]!),
          NEAR_M,
        ]);
      }
    }
    for (let k = 2; k < kept.length; k++) this.#emit(...kept[0]!, ...kept[k - 1]!, ...kept[k]!, mode, id);
  }

  #emit(
    ax: number,
    ay: number,
    aw: number,
    bx: number,
    by: number,
    bw: number,
    cx: number,
    cy: number,
    cw: number,
    mode: Fill,
    id: number,
  ): void {
    const focal = this.#focal;
    const centreX = this.#target.width / 2;
    const centreY = this.#target.height / 2;
    this.#target.fill(
      centreX + (focal * ax) / aw,
      centreY + (focal * ay) / aw,
      1 / aw,
      centreX + (focal * bx) / bw,
      centreY + (focal * by) / bw,
      1 / bw,
      centreX + (focal * cx) / cw,
      centreY + (focal * cy) / cw,
      1 / cw,
      mode,
      id,
    );
  }
}
