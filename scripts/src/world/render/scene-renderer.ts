/**
 * Renders a world with a fixed camera: what stands still once, and for each picture only the tiles that vehicles, their
 * shadows or their lights touch. Two by two samples a pixel; light is added up in floating point.
 */
import type { World } from '../scenes/world.js';
import type { PlacedVehicle } from '../vehicles/placed.js';
import type { PointLight } from '../traffic/signals.js';
import { Camera } from './camera.js';
import { DynamicLayer } from './dynamic-layer.js';
import { groundContact, headlightPools } from './ground-effects.js';
import type { Observation } from './observation.js';
import { Projector } from './projector.js';
import { Fill, Rasteriser, TILE_HEIGHT, TILE_WIDTH } from './rasteriser.js';
import { Shader } from './shader.js';
import { ShadowMap } from './shadow-map.js';

/** Samples per pixel and axis. */
export const SAMPLES = 2;

export interface RenderedFrame {
  /** Linear light, three numbers a pixel; overwritten by the next frame. */
  light: Float32Array;
  observations: Observation[];
}

export class SceneRenderer {
  readonly camera: Camera;
  readonly world: World;
  readonly #raster: Rasteriser;
  readonly #projector: Projector;
  readonly #shader: Shader;
  readonly #dynamic: DynamicLayer;
  readonly #staticCount: number;
  readonly #ambient: Float32Array;
  readonly #direct: Float32Array;
  readonly #staticNearness: Float32Array;
  readonly #staticTriangle: Int32Array;
  readonly #staticGround: Uint8Array;
  /** Share of the sky's light that vehicles leave to the ground. */
  readonly #contact: Float32Array;
  readonly #staticLight: Float32Array;
  readonly #light: Float32Array;

  /** `covered`: a rectangle (pixels) in which nothing of the world is seen, for the frame counter. */
  constructor(
    world: World,
    readonly widthPx: number,
    readonly heightPx: number,
    covered: { x: number; y: number; width: number; height: number } | null,
  ) {
    this.world = world;
    this.camera = new Camera(world.camera, widthPx, heightPx);
    const raster = new Rasteriser(widthPx * SAMPLES, heightPx * SAMPLES);
    this.#raster = raster;
    this.#dynamic = new DynamicLayer(this.camera);
    this.#projector = new Projector(raster, this.camera);
    const { lighting, focus } = world;
    const sunny = lighting.sun[1] > 0.3 && lighting.lamps === 0;
    const shadows = sunny
      ? new ShadowMap(world.solids, lighting.sunDirection, [focus.x, focus.y, 0], focus.radiusM)
      : null;
    this.#shader = new Shader(lighting, this.camera.position, shadows, world.lamps);
    this.#staticCount = world.ground.count + world.solids.count;
    this.#ambient = new Float32Array(3 * raster.nearness.length);
    this.#direct = new Float32Array(3 * raster.nearness.length);
    this.#contact = new Float32Array(raster.nearness.length).fill(1);
    this.#rasteriseStatic();
    this.#shadeStatic();
    if (covered) this.#cover(covered);
    this.#staticNearness = raster.nearness.slice();
    this.#staticTriangle = raster.triangle.slice();
    this.#staticGround = raster.isGround.slice();
    raster.direct.fill(this.#openDirect);
    this.#light = new Float32Array(3 * widthPx * heightPx);
    raster.touched.fill(1);
    this.#resolve();
    this.#staticLight = this.#light.slice();
    raster.touched.fill(0);
  }

  /** By night nothing but headlights is direct. */
  get #openDirect(): number {
    return this.world.lighting.lamps > 0 ? 0 : 1;
  }

  #rasteriseStatic(): void {
    const { ground, solids } = this.world;
    for (let t = 0; t < ground.count; t++) this.#projector.draw(ground.positions, 9 * t, Fill.Ground, t);
    for (let t = 0; t < solids.count; t++) this.#projector.draw(solids.positions, 9 * t, Fill.Solid, ground.count + t);
  }

  #shadeStatic(): void {
    const { ground, solids, materials } = this.world;
    const { width, height, nearness, triangle } = this.#raster;
    const { right, down, forward, position, focalPx } = this.camera;
    const shader = this.#shader;
    const focal = focalPx * SAMPLES;
    const [ambient, direct] = [this.#ambient, this.#direct];
    for (let y = 0, p = 0; y < height; y++) {
      const below = (y + 0.5 - height / 2) / focal;
      for (let x = 0; x < width; x++, p++) {
        const across = (x + 0.5 - width / 2) / focal;
        const dx = forward[0] + across * right[0] + below * down[0];
        const dy = forward[1] + across * right[1] + below * down[1];
        const dz = forward[2] + across * right[2] + below * down[2];
        const t = triangle[p]!;
        if (t < 0) {
          const length = Math.sqrt(dx * dx + dy * dy + dz * dz);
          shader.sky(dx / length, dy / length, dz / length);
        } else {
          const depth = 1 / nearness[p]!;
          const mesh = t < ground.count ? ground : solids;
          const local = t < ground.count ? t : t - ground.count;
          const material = materials[mesh.materials[local]!]!;
          const n = 9 * local;
          const colour = material.colour;
          const z = position[2] + depth * dz;
          shader.surface(
            position[0] + depth * dx,
            position[1] + depth * dy,
            z,
            mesh.normals[n]!,
            mesh.normals[n + 1]!,
            mesh.normals[n + 2]!,
            material,
            colour[0],
            colour[1],
            colour[2],
            (material.emission ?? 0) * this.world.lighting.lamps * 14,
            t < ground.count ? 1 : Math.min(1, 0.72 + 0.14 * z),
          );
        }
        const at = 3 * p;
        ambient[at] = shader.ambientR;
        ambient[at + 1] = shader.ambientG;
        ambient[at + 2] = shader.ambientB;
        direct[at] = shader.directR;
        direct[at + 1] = shader.directG;
        direct[at + 2] = shader.directB;
      }
    }
  }

  #cover({ x, y, width, height }: { x: number; y: number; width: number; height: number }): void {
    const raster = this.#raster;
    for (let row = y * SAMPLES; row < (y + height) * SAMPLES; row++) {
      const from = row * raster.width + x * SAMPLES;
      raster.nearness.fill(Infinity, from, from + width * SAMPLES);
      raster.isGround.fill(0, from, from + width * SAMPLES);
    }
  }

  /** The world with these vehicles and lights in it. */
  render(vehicles: readonly PlacedVehicle[], lights: readonly PointLight[] = []): RenderedFrame {
    const raster = this.#raster;
    const { lighting } = this.world;
    this.#restore();
    const dynamic = this.#dynamic;
    dynamic.place(vehicles, this.#staticCount, lighting);
    if (lighting.sun[1] > 0.3 && lighting.lamps === 0) dynamic.drawShadows(this.#projector, lighting.sunDirection);
    groundContact(vehicles, this.camera, raster, this.#projector, this.#contact);
    if (lighting.headlights)
      headlightPools(vehicles, this.camera, raster, this.#projector, lighting.lamps > 0 ? 1 : 0.05);
    const seen = dynamic.drawVehicles(this.#projector, raster);
    const observations = dynamic.observe(seen, raster, this.widthPx, this.heightPx, SAMPLES);
    this.#light.set(this.#staticLight);
    this.#resolve();
    for (const light of lights) this.#drawLight(light);
    return { light: this.#light, observations };
  }

  /** A shining disc, where nothing nearer hides its middle. */
  #drawLight({ position, facingRad, radiusM, colour }: PointLight): void {
    const camera = this.camera;
    const [u, v, depth] = camera.project(...position);
    const towards =
      (camera.position[0] - position[0]) * Math.cos(facingRad) +
      (camera.position[1] - position[1]) * Math.sin(facingRad);
    if (depth < 1 || towards <= 0 || u < 0 || v < 0 || u >= this.widthPx || v >= this.heightPx) return;
    const sample = Math.floor(v * SAMPLES) * this.#raster.width + Math.floor(u * SAMPLES);
    if (this.#raster.nearness[sample]! > 1.03 / depth) return;
    const radius = Math.max(0.8, (radiusM * camera.focalPx) / depth);
    for (let y = Math.floor(v - radius - 1); y <= v + radius + 1; y++) {
      for (let x = Math.floor(u - radius - 1); x <= u + radius + 1; x++) {
        if (x < 0 || y < 0 || x >= this.widthPx || y >= this.heightPx) continue;
        const away = Math.hypot(x + 0.5 - u, y + 0.5 - v);
        const share = Math.max(0, Math.min(1, radius + 0.5 - away));
        const at = 3 * (y * this.widthPx + x);
        for (let c = 0; c < 3; c++) this.#light[at + c] = this.#light[at + c]! * (1 - share) + colour[c]! * share;
      }
    }
  }

  /** Puts what stands still back where the last frame touched it. */
  #restore(): void {
    const raster = this.#raster;
    const { width, height, tilesAcross, touched } = raster;
    const open = this.#openDirect;
    for (let tile = 0; tile < touched.length; tile++) {
      if (touched[tile] === 0) continue;
      touched[tile] = 0;
      const x0 = (tile % tilesAcross) * TILE_WIDTH;
      const y0 = Math.floor(tile / tilesAcross) * TILE_HEIGHT;
      const x1 = Math.min(width, x0 + TILE_WIDTH);
      for (let y = y0; y < Math.min(height, y0 + TILE_HEIGHT); y++) {
        const [from, to] = [y * width + x0, y * width + x1];
        raster.nearness.set(this.#staticNearness.subarray(from, to), from);
        raster.triangle.set(this.#staticTriangle.subarray(from, to), from);
        raster.isGround.set(this.#staticGround.subarray(from, to), from);
        raster.direct.fill(open, from, to);
        this.#contact.fill(1, from, to);
      }
    }
  }

  /** Averages the samples of the touched tiles into pixels. */
  #resolve(): void {
    const { tilesAcross, touched } = this.#raster;
    for (let tile = 0; tile < touched.length; tile++) {
      if (touched[tile] === 0) continue;
      const x0 = ((tile % tilesAcross) * TILE_WIDTH) / SAMPLES;
      const y0 = (Math.floor(tile / tilesAcross) * TILE_HEIGHT) / SAMPLES;
      const x1 = Math.min(this.widthPx, x0 + TILE_WIDTH / SAMPLES);
      const y1 = Math.min(this.heightPx, y0 + TILE_HEIGHT / SAMPLES);
      for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) this.#resolvePixel(x, y);
    }
  }

  #resolvePixel(x: number, y: number): void {
    const raster = this.#raster;
    const width = raster.width;
    const [ambient, direct, contact] = [this.#ambient, this.#direct, this.#contact];
    let r = 0;
    let g = 0;
    let b = 0;
    for (let s = 0; s < SAMPLES * SAMPLES; s++) {
      const sx = x * SAMPLES + (s % SAMPLES);
      const sy = y * SAMPLES + Math.floor(s / SAMPLES);
      const p = sy * width + sx;
      if (raster.triangle[p]! >= this.#staticCount) {
        this.#dynamic.shade(p, sx, sy, raster, this.#shader, this.#openDirect);
        r += Math.min(this.#dynamic.r, BRIGHTEST);
        g += Math.min(this.#dynamic.g, BRIGHTEST);
        b += Math.min(this.#dynamic.b, BRIGHTEST);
      } else {
        const at = 3 * p;
        const open = contact[p]!;
        const lit = raster.direct[p]!;
        r += Math.min(ambient[at]! * open + direct[at]! * lit, BRIGHTEST);
        g += Math.min(ambient[at + 1]! * open + direct[at + 1]! * lit, BRIGHTEST);
        b += Math.min(ambient[at + 2]! * open + direct[at + 2]! * lit, BRIGHTEST);
      }
    }
    const at = 3 * (y * this.widthPx + x);
    this.#light[at] = r / (SAMPLES * SAMPLES);
    this.#light[at + 1] = g / (SAMPLES * SAMPLES);
    this.#light[at + 2] = b / (SAMPLES * SAMPLES);
  }
}

/** Samples are no brighter, so that lamps keep their edges smooth and still bloom. */
const BRIGHTEST = 6;
