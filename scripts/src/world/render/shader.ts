/** The light that a point of a surface sends to the camera. */
import type { Point } from '../geometry/mesh.js';
import type { Lighting } from './lighting.js';
import { Surface, type Material } from './materials.js';
import { hash, noise } from './noise.js';
import type { ShadowMap } from './shadow-map.js';

/** A street lamp. */
export interface Lamp {
  position: Point;
  /** Radiant intensity; 40 lights a road well. */
  intensity: number;
}

const LAMP_REACH_M = 45;
const LAMP_COLOUR = [1, 0.78, 0.5] as const;

/**
 * One evaluation writes the light that always arrives into `ambientR..B` and that of the direct source, unshaded by
 * vehicles, into `directR..B` (by day the sun; by night the albedo for headlights).
 */
export class Shader {
  ambientR = 0;
  ambientG = 0;
  ambientB = 0;
  directR = 0;
  directG = 0;
  directB = 0;
  readonly #lighting: Lighting;
  readonly #camera: Point;
  readonly #shadows: ShadowMap | null;
  readonly #lamps: readonly Lamp[];
  #skyR = 0;
  #skyG = 0;
  #skyB = 0;

  constructor(lighting: Lighting, camera: Point, shadows: ShadowMap | null, lamps: readonly Lamp[]) {
    this.#lighting = lighting;
    this.#camera = camera;
    this.#shadows = shadows;
    this.#lamps = lighting.lamps > 0 ? lamps : [];
  }

  /** The sky in a direction of unit length, into `ambient`. */
  sky(x: number, y: number, z: number): void {
    this.#sky(x, y, Math.max(z, 0.002), true);
    this.ambientR = this.#skyR;
    this.ambientG = this.#skyG;
    this.ambientB = this.#skyB;
    this.directR = this.directG = this.directB = 0;
  }

  #sky(x: number, y: number, z: number, detailed: boolean): void {
    const { zenith, horizon, clouds, lamps } = this.#lighting;
    const t = 1 - (1 - Math.min(1, z)) ** 3;
    let r = horizon[0] + (zenith[0] - horizon[0]) * t;
    let g = horizon[1] + (zenith[1] - horizon[1]) * t;
    let b = horizon[2] + (zenith[2] - horizon[2]) * t;
    if (detailed && clouds > 0) {
      const u = (x / (z + 0.12)) * 0.9 + 31;
      const v = (y / (z + 0.12)) * 0.9 + 17;
      const cover = 0.55 * noise(u, v) + 0.3 * noise(2.1 * u, 2.1 * v) + 0.15 * noise(4.3 * u, 4.3 * v);
      const amount = Math.max(0, Math.min(1, (cover - 0.72 + 0.45 * clouds) * 3)) * Math.min(1, z * 6) * 0.7;
      const white = lamps > 0 ? horizon[0] * 0.7 : horizon[0] * 1.15;
      r += (white - r) * amount;
      g += (white * 1.01 - g) * amount;
      b += (white * 1.03 - b) * amount;
    }
    this.#skyR = r;
    this.#skyG = g;
    this.#skyB = b;
  }

  /**
   * A point `(px, py, pz)` with unit normal, of a material whose colour is `(r, g, b)` (a vehicle's paint is its own).
   * `emission` multiplies that colour. `contact` 0..1 is the share of the sky that things nearby leave open.
   */
  surface(
    px: number,
    py: number,
    pz: number,
    nxIn: number,
    nyIn: number,
    nzIn: number,
    material: Material,
    colourR: number,
    colourG: number,
    colourB: number,
    emission: number,
    contact: number,
  ): void {
    const lighting = this.#lighting;
    const camera = this.#camera;
    let vx = camera[0] - px;
    let vy = camera[1] - py;
    let vz = camera[2] - pz;
    const distance = Math.sqrt(vx * vx + vy * vy + vz * vz);
    vx /= distance;
    vy /= distance;
    vz /= distance;
    let nx = nxIn;
    let ny = nyIn;
    let nz = nzIn;
    let facing = nx * vx + ny * vy + nz * vz;
    if (facing < 0) {
      nx = -nx;
      ny = -ny;
      nz = -nz;
      facing = -facing;
    }
    let r = colourR;
    let g = colourG;
    let b = colourB;
    let f0 = 0;
    let glow = emission;
    let wrap = 0;
    switch (material.surface) {
      case Surface.Asphalt: {
        const fade = Math.min(1, 25 / distance);
        const tone =
          0.8 +
          0.22 * noise(px * 0.11, py * 0.11) +
          0.16 * noise(px * 0.7 + 9, py * 0.7) +
          (0.3 * noise(px * 4.7, py * 4.7) - 0.15) * fade +
          (0.3 * noise(px * 19, py * 19) - 0.15) * fade * fade;
        r *= tone;
        g *= tone;
        b *= tone;
        f0 = 0.02 + 0.3 * lighting.wet * (0.4 + 0.9 * noise(px * 0.35 + 50, py * 0.35));
        break;
      }
      case Surface.Marking: {
        const wear = noise(px * 3.1, py * 3.1) * 0.5 + noise(px * 0.5, py * 0.5) * 0.5;
        const tone = 0.72 + 0.34 * wear;
        r *= tone;
        g *= tone;
        b *= tone;
        f0 = 0.1 * lighting.wet;
        break;
      }
      case Surface.Grass: {
        const patch = noise(px * 0.08, py * 0.08);
        const blade = noise(px * 2.3, py * 2.3) * 0.5 + noise(px * 7.7, py * 7.7) * 0.5 * Math.min(1, 40 / distance);
        const tone = 0.62 + 0.5 * blade + 0.25 * noise(px * 0.4, py * 0.4);
        r *= tone * (0.8 + 0.75 * patch);
        g *= tone * (0.95 + 0.15 * patch);
        b *= tone * (0.95 + 0.1 * patch);
        break;
      }
      case Surface.Concrete: {
        const along = Math.abs(nzIn) > 0.5 ? py : pz;
        const tone = 0.82 + 0.2 * noise(px * 0.6, along * 0.6) + 0.16 * noise((px + py) * 3.3, along * 3.3);
        r *= tone;
        g *= tone;
        b *= tone;
        f0 = 0.15 * lighting.wet;
        break;
      }
      case Surface.Facade: {
        const windows = material.windows;
        const u = px * -nyIn + py * nxIn;
        const tone = 0.88 + 0.14 * noise(u * 0.7, pz * 0.7) - 0.1 * Math.max(0, 1 - pz);
        r *= tone;
        g *= tone;
        b *= tone;
        if (windows && Math.abs(nzIn) < 0.5 && pz > windows.firstM) {
          const column = Math.floor(u / windows.bayM);
          const row = Math.floor((pz - windows.firstM) / windows.storeyM);
          const fu = Math.abs(u / windows.bayM - column - 0.5) * 2;
          const fv = Math.abs((pz - windows.firstM) / windows.storeyM - row - 0.5) * 2;
          if (fu < windows.widthShare && fv < windows.heightShare) {
            const frame = fu > windows.widthShare - 0.1 || fv > windows.heightShare - 0.08 || fu < 0.05;
            const chance = hash(column + Math.round(nxIn * 40), row);
            if (frame) {
              r = g = b = 0.5;
            } else {
              r = g = b = 0.02 + 0.05 * chance;
              f0 = 0.35;
              if (lighting.lamps > 0 && chance > 0.62) {
                r = 0.9;
                g = 0.66;
                b = 0.34;
                f0 = 0;
                glow = (chance - 0.5) * 1.1;
              }
            }
          }
        }
        break;
      }
      case Surface.Foliage: {
        const leaf = hash(Math.floor(px * 5) + Math.floor(pz * 5) * 3, Math.floor(py * 5));
        const tone = 0.55 + 0.6 * leaf + 0.3 * noise(px * 0.6, py * 0.6);
        r *= tone;
        g *= tone;
        b *= tone;
        wrap = 0.45;
        break;
      }
      case Surface.Paint:
        f0 = 0.055;
        break;
      case Surface.Glass:
        f0 = 0.1;
        break;
      case Surface.Light:
      case Surface.Matte:
        break;
    }
    const skyShare = 0.5 + 0.5 * nz;
    const ambient = lighting.ambient * contact;
    const upR = 0.6 * lighting.zenith[0] + 0.4 * lighting.horizon[0];
    const upG = 0.6 * lighting.zenith[1] + 0.4 * lighting.horizon[1];
    const upB = 0.6 * lighting.zenith[2] + 0.4 * lighting.horizon[2];
    const bounce = lighting.bounce;
    let lightR = ambient * (upR * skyShare + bounce[0] * (1 - skyShare));
    let lightG = ambient * (upG * skyShare + bounce[1] * (1 - skyShare));
    let lightB = ambient * (upB * skyShare + bounce[2] * (1 - skyShare));
    for (const lamp of this.#lamps) {
      const lx = lamp.position[0] - px;
      const ly = lamp.position[1] - py;
      const lz = lamp.position[2] - pz;
      const squared = lx * lx + ly * ly + lz * lz;
      if (squared > LAMP_REACH_M * LAMP_REACH_M) continue;
      const length = Math.sqrt(squared);
      const incidence = (nx * lx + ny * ly + nz * lz) / length;
      if (incidence <= 0) continue;
      // Lamps shine downwards.
      const power = (lamp.intensity * incidence * Math.max(0, lz / length)) / (squared + 6);
      lightR += power * LAMP_COLOUR[0];
      lightG += power * LAMP_COLOUR[1];
      lightB += power * LAMP_COLOUR[2];
    }
    let outR = r * lightR + r * glow;
    let outG = g * lightG + g * glow;
    let outB = b * lightB + b * glow;
    let sunR = 0;
    let sunG = 0;
    let sunB = 0;
    const towards = lighting.sunDirection;
    let seen = 0;
    if (lighting.lamps > 0) {
      sunR = r;
      sunG = g;
      sunB = b;
    } else {
      const incidence = nx * towards[0] + ny * towards[1] + nz * towards[2];
      const lit = Math.max(0, (incidence + wrap) / (1 + wrap));
      if (lit > 0) {
        seen = this.#shadows ? this.#shadows.visible(px + nx * 0.06, py + ny * 0.06, pz + nz * 0.06) : 1;
        sunR = r * lighting.sun[0] * lit * seen;
        sunG = g * lighting.sun[1] * lit * seen;
        sunB = b * lighting.sun[2] * lit * seen;
      }
    }
    if (f0 > 0) {
      const fresnel =
        f0 + (1 - f0) * (1 - facing) ** 5 * (material.surface === Surface.Asphalt ? 0.12 + lighting.wet * 0.6 : 0.85);
      const rx = 2 * facing * nx - vx;
      const ry = 2 * facing * ny - vy;
      const rz = 2 * facing * nz - vz;
      if (rz > 0) {
        this.#sky(rx, ry, rz, false);
        // A dark skyline of trees and houses all round.
        const skyline = Math.min(1, 0.3 + Math.max(0, rz - 0.04 - 0.05 * noise(rx * 9 + 40, ry * 9 + 40)) * 9);
        outR += fresnel * this.#skyR * skyline * contact;
        outG += fresnel * this.#skyG * skyline * contact;
        outB += fresnel * this.#skyB * skyline * contact;
      } else {
        const dark = fresnel * lighting.ambient * 0.14;
        outR += dark * upR;
        outG += dark * upG;
        outB += dark * upB;
      }
      if (seen > 0 && (material.surface === Surface.Paint || material.surface === Surface.Glass)) {
        const glint = Math.max(0, rx * towards[0] + ry * towards[1] + rz * towards[2]);
        const strength = glint ** 90 * 1.6 * seen;
        sunR += strength * lighting.sun[0];
        sunG += strength * lighting.sun[1];
        sunB += strength * lighting.sun[2];
      }
    }
    const clear = Math.exp(-lighting.fogPerM * distance);
    const veil = 1 - clear;
    this.ambientR = outR * clear + lighting.fog[0] * veil;
    this.ambientG = outG * clear + lighting.fog[1] * veil;
    this.ambientB = outB * clear + lighting.fog[2] * veil;
    this.directR = sunR * clear;
    this.directG = sunG * clear;
    this.directB = sunB * clear;
  }
}
