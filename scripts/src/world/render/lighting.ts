/** The light of a time of day and a weather. Radiance is linear; 1 is about white paper after exposure. */
import type { Point } from '../geometry/mesh.js';
import { unit } from '../geometry/mesh.js';
import { srgb, type Rgb } from './materials.js';

export interface Lighting {
  /** Towards the sun. */
  sunDirection: Point;
  sun: Rgb;
  zenith: Rgb;
  horizon: Rgb;
  /** Light from below. */
  bounce: Rgb;
  /** How much of the sky's light arrives. */
  ambient: number;
  /** 0 clear, 1 covered. */
  clouds: number;
  fogPerM: number;
  fog: Rgb;
  /** 1 at night: street lamps, windows and headlights shine. */
  lamps: number;
  /** Headlights are on (in rain by day too). */
  headlights: boolean;
  /** 0 dry, 1 wet: how much the road mirrors. */
  wet: number;
  /** 0 none, 1 heavy: streaks in the air. */
  rain: number;
  exposure: number;
}

const scaled = (colour: Rgb, by: number): Rgb => [colour[0] * by, colour[1] * by, colour[2] * by];

/** `azimuthDeg` counter-clockwise from the x axis. */
export function direction(azimuthDeg: number, elevationDeg: number): Point {
  const azimuth = (azimuthDeg * Math.PI) / 180;
  const elevation = (elevationDeg * Math.PI) / 180;
  return unit([Math.cos(azimuth) * Math.cos(elevation), Math.sin(azimuth) * Math.cos(elevation), Math.sin(elevation)]);
}

/** Sunshine; a low sun is warmer and weaker. */
export function clearDay(azimuthDeg: number, elevationDeg: number, haze = 0.0006): Lighting {
  const low = Math.max(0, Math.min(1, 1 - elevationDeg / 45));
  return {
    sunDirection: direction(azimuthDeg, elevationDeg),
    sun: scaled([1, 0.93 - 0.12 * low, 0.82 - 0.27 * low], 2.3 - 0.5 * low),
    zenith: srgb(0x4f86c6),
    horizon: srgb(0xc3d7e6),
    bounce: [0.16, 0.15, 0.13],
    ambient: 0.95,
    clouds: 0.35,
    fogPerM: haze,
    fog: srgb(0xb9cddd),
    lamps: 0,
    headlights: false,
    wet: 0,
    rain: 0,
    exposure: 0.9,
  };
}

/** A covered sky: soft light without shadows. */
export function overcast(haze = 0.0012): Lighting {
  return {
    ...clearDay(60, 60),
    sun: [0.25, 0.25, 0.25],
    zenith: srgb(0xaab3bb),
    horizon: srgb(0xd3d8db),
    bounce: [0.2, 0.2, 0.19],
    ambient: 1.5,
    clouds: 1,
    fogPerM: haze,
    fog: srgb(0xc6cbce),
    exposure: 0.95,
  };
}

/** Steady rain: grey, wet, headlights on. */
export function rainy(haze = 0.005): Lighting {
  return {
    ...overcast(haze),
    sun: [0.08, 0.08, 0.08],
    zenith: srgb(0x8a9299),
    horizon: srgb(0xb4babd),
    fog: srgb(0xa9afb3),
    ambient: 1.35,
    headlights: true,
    wet: 0.75,
    rain: 0.6,
  };
}

/** The sun has set: a blue rest of light, and lamps. `darkness` 0 dusk, 1 night. */
export function night(darkness = 0.6): Lighting {
  const light = 1 - 0.72 * darkness;
  return {
    ...clearDay(-60, 40),
    sun: [0, 0, 0],
    zenith: scaled(srgb(0x1f2f57), light),
    horizon: scaled(srgb(0x8a6a6a), 0.8 * light),
    bounce: [0.02, 0.02, 0.022],
    ambient: 1.0 * light,
    clouds: 0.5,
    fogPerM: 0.0008,
    fog: scaled(srgb(0x4a4657), 0.5 * light),
    lamps: 1,
    headlights: true,
    wet: 0.12,
    rain: 0,
    exposure: 1.15,
  };
}
