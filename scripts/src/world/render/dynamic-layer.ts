/** The vehicles of one picture: their triangles, their shadows on the ground, and what is seen of each. */
import type { Point } from '../geometry/mesh.js';
import type { PlacedVehicle } from '../vehicles/placed.js';
import { BRAKE_LIGHT, HEADLIGHT, PAINT, SECOND, TAIL_LIGHT, THIRD, VEHICLE_MATERIALS } from '../vehicles/slots.js';
import type { Camera } from './camera.js';
import type { Lighting } from './lighting.js';
import type { Observation } from './observation.js';
import type { Projector } from './projector.js';
import { Fill, TILE_HEIGHT, TILE_WIDTH, type Rasteriser, type Silhouette } from './rasteriser.js';
import type { Shader } from './shader.js';

const FEWEST_SAMPLES = 12;

export class DynamicLayer {
  /** Of the sample shaded last. */
  r = 0;
  g = 0;
  b = 0;
  #positions = new Float32Array(0);
  #normals = new Float32Array(0);
  #materials = new Uint16Array(0);
  #owners = new Uint16Array(0);
  /** First triangle of each vehicle, and one more. */
  #starts: number[] = [];
  #vehicles: readonly PlacedVehicle[] = [];
  #base = 0;
  #lighting: Lighting | null = null;
  readonly #shadowCorner = new Float64Array(9);
  readonly #camera: Camera;

  constructor(camera: Camera) {
    this.#camera = camera;
  }

  /** Takes the vehicles; their triangles are numbered from `base`. */
  place(vehicles: readonly PlacedVehicle[], base: number, lighting: Lighting): void {
    this.#vehicles = vehicles;
    this.#base = base;
    this.#lighting = lighting;
    let count = 0;
    for (const vehicle of vehicles) for (const part of vehicle.model.parts) count += part.mesh.count;
    if (this.#materials.length < count) {
      const room = Math.ceil(count * 1.3);
      this.#positions = new Float32Array(9 * room);
      this.#normals = new Float32Array(9 * room);
      this.#materials = new Uint16Array(room);
      this.#owners = new Uint16Array(room);
    }
    this.#starts = [];
    let t = 0;
    vehicles.forEach((vehicle, owner) => {
      this.#starts.push(t);
      vehicle.model.parts.forEach(({ mesh }, i) => {
        const pose = vehicle.parts[i]!;
        turn(mesh.positions, this.#positions, 9 * t, pose.headingRad, pose.x, pose.y);
        turn(mesh.normals, this.#normals, 9 * t, pose.headingRad, 0, 0);
        this.#materials.set(mesh.materials, t);
        this.#owners.fill(owner, t, t + mesh.count);
        t += mesh.count;
      });
    });
    this.#starts.push(t);
  }

  /** Takes the sun from the ground that the vehicles shade. */
  drawShadows(projector: Projector, sun: Point): void {
    const corner = this.#shadowCorner;
    const positions = this.#positions;
    const end = this.#starts.at(-1)!;
    for (let t = 0; t < end; t++) {
      for (let k = 0; k < 9; k += 3) {
        const z = positions[9 * t + k + 2]!;
        corner[k] = positions[9 * t + k]! - (sun[0] / sun[2]) * z;
        corner[k + 1] = positions[9 * t + k + 1]! - (sun[1] / sun[2]) * z;
        corner[k + 2] = 0;
      }
      projector.draw(corner, 0, Fill.Shadow, 0);
    }
  }

  /** Draws the vehicles; returns the silhouette of each. */
  drawVehicles(projector: Projector, raster: Rasteriser): Silhouette[] {
    return this.#vehicles.map((_, owner) => {
      raster.beginObject();
      for (let t = this.#starts[owner]!; t < this.#starts[owner + 1]!; t++)
        projector.draw(this.#positions, 9 * t, Fill.Vehicle, this.#base + t);
      return raster.silhouette;
    });
  }

  /** What is seen of each vehicle, of those of which anything is. */
  observe(
    silhouettes: readonly Silhouette[],
    raster: Rasteriser,
    widthPx: number,
    heightPx: number,
    samples: number,
  ): Observation[] {
    const visible = this.#countVisible(raster);
    const observations: Observation[] = [];
    silhouettes.forEach((whole, owner) => {
      const seen = visible[owner]!;
      if (seen.count < FEWEST_SAMPLES) return;
      const inPixels = (s: Silhouette): [number, number, number, number] => [
        s.minX / samples,
        s.minY / samples,
        (s.maxX + 1 - s.minX) / samples,
        (s.maxY + 1 - s.minY) / samples,
      ];
      observations.push({
        id: this.#vehicles[owner]!.id,
        box: inPixels(seen),
        silhouette: inPixels(whole),
        occlusion: Math.max(0, 1 - seen.count / whole.count),
        truncation: this.#truncation(owner, inPixels(whole), widthPx, heightPx),
      });
    });
    return observations;
  }

  #countVisible(raster: Rasteriser): Silhouette[] {
    const visible = this.#vehicles.map(() => ({
      count: 0,
      minX: Infinity,
      minY: Infinity,
      maxX: -Infinity,
      maxY: -Infinity,
    }));
    const { width, height, tilesAcross, touched, triangle } = raster;
    for (let tile = 0; tile < touched.length; tile++) {
      if (touched[tile] === 0) continue;
      const x0 = (tile % tilesAcross) * TILE_WIDTH;
      const y0 = Math.floor(tile / tilesAcross) * TILE_HEIGHT;
      for (let y = y0; y < Math.min(height, y0 + TILE_HEIGHT); y++) {
        for (let x = x0; x < Math.min(width, x0 + TILE_WIDTH); x++) {
          const t = triangle[y * width + x]!;
          if (t < this.#base) continue;
          const seen = visible[this.#owners[t - this.#base]!]!;
          seen.count++;
          if (x < seen.minX) seen.minX = x;
          if (x > seen.maxX) seen.maxX = x;
          if (y < seen.minY) seen.minY = y;
          if (y > seen.maxY) seen.maxY = y;
        }
      }
    }
    return visible;
  }

  #truncation(
    owner: number,
    [x, y, width, height]: [number, number, number, number],
    widthPx: number,
    heightPx: number,
  ): number {
    if (x > 0 && y > 0 && x + width < widthPx && y + height < heightPx) return 0;
    const camera = this.#camera;
    let [x0, y0, x1, y1] = [x, y, x + width, y + height];
    for (let k = 9 * this.#starts[owner]!; k < 9 * this.#starts[owner + 1]!; k += 3) {
      const [u, v, depth] = camera.project(this.#positions[k]!, this.#positions[k + 1]!, this.#positions[k + 2]!);
      // Behind the camera: as far outside as the picture is large.
      const [uu, vv] = depth > 0.5 ? [u, v] : [u, 2 * heightPx];
      x0 = Math.min(x0, Math.max(uu, -widthPx));
      x1 = Math.max(x1, Math.min(uu, 2 * widthPx));
      y0 = Math.min(y0, Math.max(vv, -heightPx));
      y1 = Math.max(y1, Math.min(vv, 2 * heightPx));
    }
    return Math.max(0, 1 - (width * height) / ((x1 - x0) * (y1 - y0)));
  }

  /** Shades one sample on which a vehicle is seen, into `r`, `g`, `b`. */
  shade(p: number, sx: number, sy: number, raster: Rasteriser, shader: Shader, openDirect: number): void {
    const t = raster.triangle[p]! - this.#base;
    const camera = this.#camera;
    const focal = (camera.focalPx * raster.width) / camera.widthPx;
    const across = (sx + 0.5 - raster.width / 2) / focal;
    const below = (sy + 0.5 - raster.height / 2) / focal;
    const depth = 1 / raster.nearness[p]!;
    const { position, right, down, forward } = camera;
    const px = position[0] + depth * (forward[0] + across * right[0] + below * down[0]);
    const py = position[1] + depth * (forward[1] + across * right[1] + below * down[1]);
    const pz = position[2] + depth * (forward[2] + across * right[2] + below * down[2]);
    const corners = this.#positions;
    const at = 9 * t;
    const e1x = corners[at + 3]! - corners[at]!;
    const e1y = corners[at + 4]! - corners[at + 1]!;
    const e1z = corners[at + 5]! - corners[at + 2]!;
    const e2x = corners[at + 6]! - corners[at]!;
    const e2y = corners[at + 7]! - corners[at + 1]!;
    const e2z = corners[at + 8]! - corners[at + 2]!;
    const ox = px - corners[at]!;
    const oy = py - corners[at + 1]!;
    const oz = pz - corners[at + 2]!;
    const d11 = e1x * e1x + e1y * e1y + e1z * e1z;
    const d12 = e1x * e2x + e1y * e2y + e1z * e2z;
    const d22 = e2x * e2x + e2y * e2y + e2z * e2z;
    const o1 = ox * e1x + oy * e1y + oz * e1z;
    const o2 = ox * e2x + oy * e2y + oz * e2z;
    const scale = 1 / (d11 * d22 - d12 * d12 || 1);
    let u = (d22 * o1 - d12 * o2) * scale;
    let v = (d11 * o2 - d12 * o1) * scale;
    u = u < 0 ? 0 : u > 1 ? 1 : u;
    v = v < 0 ? 0 : v > 1 ? 1 : v;
    const w = 1 - u - v;
    const normals = this.#normals;
    let nx = w * normals[at]! + u * normals[at + 3]! + v * normals[at + 6]!;
    let ny = w * normals[at + 1]! + u * normals[at + 4]! + v * normals[at + 7]!;
    let nz = w * normals[at + 2]! + u * normals[at + 5]! + v * normals[at + 8]!;
    const length = Math.sqrt(nx * nx + ny * ny + nz * nz) || 1;
    nx /= length;
    ny /= length;
    nz /= length;
    const slot = this.#materials[t]!;
    const vehicle = this.#vehicles[this.#owners[t]!]!;
    const material = VEHICLE_MATERIALS[slot]!;
    const { paint, second, third } = vehicle.livery;
    const colour = slot === PAINT ? paint : slot === SECOND ? second : slot === THIRD ? third : material.colour;
    const lighting = this.#lighting!;
    let emission = 0;
    const lit = lighting.headlights && (vehicle.speedKmh > 0 || vehicle.braking);
    if (slot === HEADLIGHT && lit) emission = lighting.lamps > 0 ? 7 : 2.2;
    else if (slot === TAIL_LIGHT && lit) emission = vehicle.braking ? 4 : 1.6;
    else if ((slot === TAIL_LIGHT || slot === BRAKE_LIGHT) && vehicle.braking) emission = 3;
    // Less of the sky is seen near the road.
    const low = Math.min(1, Math.max(0, pz / 0.9));
    const open = 0.42 + 0.58 * low;
    shader.surface(
      px,
      py,
      pz,
      nx,
      ny,
      nz,
      material,
      colour[0],
      colour[1],
      colour[2],
      emission,
      nz < -0.3 ? 0.15 : open,
    );
    this.r = shader.ambientR + shader.directR * openDirect;
    this.g = shader.ambientG + shader.directG * openDirect;
    this.b = shader.ambientB + shader.directB * openDirect;
  }
}

function turn(from: Float32Array, to: Float32Array, at: number, headingRad: number, x: number, y: number): void {
  const c = Math.cos(headingRad);
  const s = Math.sin(headingRad);
  for (let k = 0; k < from.length; k += 3) {
    const px = from[k]!;
    const py = from[k + 1]!;
    to[at + k] = c * px - s * py + x;
    to[at + k + 1] = s * px + c * py + y;
    to[at + k + 2] = from[k + 2]!;
  }
}
