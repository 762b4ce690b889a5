/** Paints a scene's frames as I420 (limited range). Pure. */
import type { MovingBox, TruthBox } from './scene.js';

/** Side of the ground's texture cells. */
const CELL_PX = 8;
const GROUND_LUMA = 40;
const TEXTURE_LUMA = 16;

export class Painter {
  readonly #widthPx: number;
  readonly #heightPx: number;
  readonly #ground: Uint8Array;

  /** Width and height even; the ground's texture comes from `random`. */
  constructor(widthPx: number, heightPx: number, random: () => number) {
    this.#widthPx = widthPx;
    this.#heightPx = heightPx;
    this.#ground = new Uint8Array((widthPx * heightPx * 3) / 2).fill(128);
    const columns = Math.ceil(widthPx / CELL_PX);
    const cells = Array.from({ length: columns * Math.ceil(heightPx / CELL_PX) }, () => random() * TEXTURE_LUMA);
    for (let y = 0; y < heightPx; y++) {
      const row = Math.floor(y / CELL_PX) * columns;
      for (let x = 0; x < widthPx; x++) {
        this.#ground[y * widthPx + x] = Math.round(GROUND_LUMA + cells[row + Math.floor(x / CELL_PX)]!);
      }
    }
  }

  /** A new I420 picture with `shown` on it; edges between pixels are blended by their coverage. */
  paint(shown: readonly TruthBox[], boxes: readonly MovingBox[]): Buffer {
    const picture = Buffer.from(this.#ground);
    for (const { id, box } of shown) this.#fill(picture, box, boxes[id]!.luma);
    return picture;
  }

  #fill(picture: Buffer, [left, top, width, height]: TruthBox['box'], luma: number): void {
    const right = left + width;
    const bottom = top + height;
    const lastX = Math.min(Math.ceil(right), this.#widthPx);
    const lastY = Math.min(Math.ceil(bottom), this.#heightPx);
    for (let y = Math.max(Math.floor(top), 0); y < lastY; y++) {
      const coveredY = Math.min(y + 1, bottom) - Math.max(y, top);
      for (let x = Math.max(Math.floor(left), 0); x < lastX; x++) {
        const covered = coveredY * (Math.min(x + 1, right) - Math.max(x, left));
        const at = y * this.#widthPx + x;
        picture[at] = Math.round(picture[at]! + (luma - picture[at]!) * covered);
      }
    }
  }
}
