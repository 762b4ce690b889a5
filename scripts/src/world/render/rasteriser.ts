/** Triangles to samples: who is seen where, and how near. Colour comes later, once for each sample. */

/** What a triangle does where it lies. */
export const enum Fill {
  /** Covers what was drawn before it: layers of the one ground plane. */
  Ground,
  /** Is seen where it is nearer. */
  Solid,
  /** As Solid, and counts its object's whole silhouette. */
  Vehicle,
  /** Takes the direct light from the samples that show the ground. */
  Shadow,
  /** Lists the samples that show the ground. */
  Collect,
}

/** Samples per tile, of those that a frame has touched. */
export const TILE_WIDTH = 32;
export const TILE_HEIGHT = 16;

/** Extent of a silhouette in samples. */
export interface Silhouette {
  count: number;
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

export class Rasteriser {
  /** One over the depth; 0 is infinitely far. */
  readonly nearness: Float32Array;
  /** Index of the triangle that is seen, -1 for the sky. */
  readonly triangle: Int32Array;
  /** 1 where the ground plane is seen. */
  readonly isGround: Uint8Array;
  /** Share of the direct light that arrives. */
  readonly direct: Float32Array;
  /** Tiles that were touched since it was cleared. */
  readonly touched: Uint8Array;
  readonly tilesAcross: number;
  /** Samples that `Fill.Collect` listed. */
  readonly collected: Int32Array;
  collectedCount = 0;
  /** Of the object whose triangles are drawn as `Fill.Vehicle`. */
  silhouette: Silhouette = emptySilhouette();
  readonly #stamps: Int32Array;
  #stamp = 0;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    const samples = width * height;
    this.nearness = new Float32Array(samples);
    this.triangle = new Int32Array(samples).fill(-1);
    this.isGround = new Uint8Array(samples);
    this.direct = new Float32Array(samples).fill(1);
    this.collected = new Int32Array(samples);
    this.#stamps = new Int32Array(samples);
    this.tilesAcross = Math.ceil(width / TILE_WIDTH);
    this.touched = new Uint8Array(this.tilesAcross * Math.ceil(height / TILE_HEIGHT));
  }

  /** Begins an object: its silhouette is counted from here. */
  beginObject(): void {
    this.#stamp++;
    this.silhouette = emptySilhouette();
  }

  /** A triangle in samples (x, y) with `q` linear over it: one over the depth, or the height above a light's plane. */
  fill(
    x0: number,
    y0: number,
    q0: number,
    x1: number,
    y1: number,
    q1: number,
    x2: number,
    y2: number,
    q2: number,
    mode: Fill,
    id: number,
  ): void {
    const area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0);
    if (area === 0 || !Number.isFinite(area)) return;
    const dqdx = ((q1 - q0) * (y2 - y0) - (q2 - q0) * (y1 - y0)) / area;
    const dqdy = ((q2 - q0) * (x1 - x0) - (q1 - q0) * (x2 - x0)) / area;
    const top = Math.max(0, Math.ceil(Math.min(y0, y1, y2) - 0.5));
    const bottom = Math.min(this.height - 1, Math.floor(Math.max(y0, y1, y2) - 0.5));
    const s01 = (x1 - x0) / (y1 - y0);
    const s12 = (x2 - x1) / (y2 - y1);
    const s20 = (x0 - x2) / (y0 - y2);
    for (let y = top; y <= bottom; y++) {
      const yc = y + 0.5;
      let low = Infinity;
      let high = -Infinity;
      if (y0 <= yc !== y1 <= yc) {
        const x = x0 + (yc - y0) * s01;
        low = x;
        high = x;
      }
      if (y1 <= yc !== y2 <= yc) {
        const x = x1 + (yc - y1) * s12;
        if (x < low) low = x;
        if (x > high) high = x;
      }
      if (y2 <= yc !== y0 <= yc) {
        const x = x2 + (yc - y2) * s20;
        if (x < low) low = x;
        if (x > high) high = x;
      }
      const from = Math.max(0, Math.ceil(low - 0.5));
      const to = Math.min(this.width - 1, Math.ceil(high - 0.5) - 1);
      if (from > to) continue;
      this.#row(y, from, to, q0 + dqdx * (from + 0.5 - x0) + dqdy * (yc - y0), dqdx, mode, id);
    }
  }

  #row(y: number, from: number, to: number, qFrom: number, dqdx: number, mode: Fill, id: number): void {
    const row = y * this.width;
    const nearness = this.nearness;
    let q = qFrom;
    switch (mode) {
      case Fill.Ground:
        for (let p = row + from; p <= row + to; p++, q += dqdx) {
          nearness[p] = q;
          this.triangle[p] = id;
          this.isGround[p] = 1;
        }
        return;
      case Fill.Solid:
        for (let p = row + from; p <= row + to; p++, q += dqdx) {
          if (q > nearness[p]!) {
            nearness[p] = q;
            this.triangle[p] = id;
            this.isGround[p] = 0;
          }
        }
        return;
      case Fill.Vehicle:
        this.#touch(y, from, to);
        this.#vehicleRow(row, y, from, to, q, dqdx, id);
        return;
      case Fill.Shadow:
        this.#touch(y, from, to);
        for (let p = row + from; p <= row + to; p++) if (this.isGround[p] === 1) this.direct[p] = 0;
        return;
      case Fill.Collect:
        this.#touch(y, from, to);
        for (let p = row + from; p <= row + to; p++) {
          if (this.isGround[p] === 1) this.collected[this.collectedCount++] = p;
        }
    }
  }

  #vehicleRow(row: number, y: number, from: number, to: number, qFrom: number, dqdx: number, id: number): void {
    const { nearness, triangle, isGround } = this;
    const stamps = this.#stamps;
    const stamp = this.#stamp;
    const silhouette = this.silhouette;
    let q = qFrom;
    let fresh = 0;
    for (let p = row + from; p <= row + to; p++, q += dqdx) {
      if (stamps[p] !== stamp) {
        stamps[p] = stamp;
        fresh++;
      }
      if (q > nearness[p]!) {
        nearness[p] = q;
        triangle[p] = id;
        isGround[p] = 0;
      }
    }
    if (fresh === 0) return;
    silhouette.count += fresh;
    if (from < silhouette.minX) silhouette.minX = from;
    if (to > silhouette.maxX) silhouette.maxX = to;
    if (y < silhouette.minY) silhouette.minY = y;
    if (y > silhouette.maxY) silhouette.maxY = y;
  }

  #touch(y: number, from: number, to: number): void {
    const row = Math.floor(y / TILE_HEIGHT) * this.tilesAcross;
    for (let tile = row + Math.floor(from / TILE_WIDTH); tile <= row + Math.floor(to / TILE_WIDTH); tile++)
      this.touched[tile] = 1;
  }
}

function emptySilhouette(): Silhouette {
  return { count: 0, minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
}
