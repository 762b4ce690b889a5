/** The truth of a clip: which vehicle is where on every frame. The format is described in docs/world.md. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { LanecastError, messageOf } from '@lanecast/server/core/errors';
import type { CameraPlacement, Homography } from './render/camera.js';
import type { VehicleClass } from './vehicles/catalogue.js';

export const TRUTH_FORMAT = 'lanecast-world-truth';
export const TRUTH_VERSION = 1;

/** A vehicle of a clip; its number is its place in the list, from 1. */
export interface TruthVehicleInfo {
  class: VehicleClass;
  model: string;
  lengthM: number;
  widthM: number;
  heightM: number;
  /** It stands there for ever: one vehicle in all loops. */
  parked: boolean;
}

/**
 * A vehicle on a frame: number, lap, then the visible box's x, y, width, height (px), occlusion and truncation (0..1),
 * ground x and y (m), speed (km/h); then, only where it differs from the visible box, the whole silhouette's box.
 */
export type TruthRow = number[];

export interface TruthFile {
  format: typeof TRUTH_FORMAT;
  version: number;
  scene: string;
  title: string;
  seed: number;
  fps: number;
  frameCount: number;
  /** Frame 0 follows the last frame. */
  loops: boolean;
  /** The largest lap in the rows. */
  mostLaps: number;
  widthPx: number;
  heightPx: number;
  laneWidthM: number;
  camera: CameraPlacement;
  /** Row-major 3x3: pixels (homogeneous) to the ground plane in metres. */
  imageToGround: Homography;
  /** The same as four pairs of points, for the configuration. */
  calibration: { imagePx: [number, number][]; groundM: [number, number][] };
  vehicles: TruthVehicleInfo[];
  frames: TruthRow[][];
}

/** A vehicle on a frame of the unrolled clip. */
export interface TruthObject {
  /** The same for a vehicle from its first to its last frame, over any number of loops; no other has it. */
  id: number;
  class: VehicleClass;
  /** Extent of what is visible: x, y, width, height in pixels, clipped to the picture. */
  box: [number, number, number, number];
  /** Extent of its whole silhouette, clipped to the picture: as if nothing stood before it. */
  silhouette: [number, number, number, number];
  /** Share of the silhouette that is hidden, 0..1. */
  occlusion: number;
  /** Share of its box that is outside the picture, 0..1. */
  truncation: number;
  /** Below the vehicle's middle. */
  groundM: [number, number];
  speedKmh: number;
}

export class Truth {
  constructor(readonly file: TruthFile) {}

  /** @throws LanecastError `truth-unreadable`, naming the file and what is wrong with it. */
  static read(path: string): Truth {
    let file: Omit<TruthFile, 'format'> & { format: unknown };
    try {
      const bytes = readFileSync(path);
      file = JSON.parse((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()) as TruthFile;
    } catch (cause) {
      throw new LanecastError('truth-unreadable', `Reading the truth in ${path}: ${messageOf(cause)}`, { cause });
    }
    if (file.format !== TRUTH_FORMAT || file.version !== TRUTH_VERSION) {
      const found = `${String(file.format)} version ${String(file.version)}`;
      throw new LanecastError(
        'truth-unreadable',
        `Reading the truth in ${path}: it is ${found}, not ${TRUTH_FORMAT} version ${TRUTH_VERSION}. Run "npm run world".`,
      );
    }
    return new Truth(file as TruthFile);
  }

  /** Vehicles on frame `frameNo` (0 to frameCount - 1) of loop number `loop` (from 0). */
  objects(frameNo: number, loop = 0): TruthObject[] {
    const { frames, vehicles, mostLaps, loops } = this.file;
    const rows = frames[frameNo];
    if (!rows || (loop !== 0 && !loops)) {
      throw new LanecastError(
        'truth-frame',
        `Asking the truth of ${this.file.scene} for frame ${frameNo} of loop ${loop}: it has frames 0 to ${frames.length - 1}${loops ? '' : ' and does not loop'}.`,
      );
    }
    return rows.map((row) => {
      const [vehicle, lap] = [row[0]!, row[1]!];
      const info = vehicles[vehicle - 1]!;
      const box: [number, number, number, number] = [row[2]!, row[3]!, row[4]!, row[5]!];
      return {
        id: info.parked ? vehicle : vehicle + vehicles.length * (loop - lap + mostLaps + 1),
        class: info.class,
        box,
        silhouette: row.length > 11 ? [row[11]!, row[12]!, row[13]!, row[14]!] : [...box],
        occlusion: row[6]!,
        truncation: row[7]!,
        groundM: [row[8]!, row[9]!],
        speedKmh: row[10]!,
      };
    });
  }
}
