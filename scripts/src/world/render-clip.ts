/** One scene as a clip with its truth. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { drawFrameCounter, frameCounterLayout } from '@lanecast/server/core/frame-counter';
import { seededRandom } from '@lanecast/server/core/random';
import { encodeClip } from '../clips/encoder.js';
import { applyHomography } from './render/camera.js';
import { Developer, toI420 } from './render/develop.js';
import type { Observation } from './render/observation.js';
import { SceneRenderer } from './render/scene-renderer.js';
import type { Scene, World } from './scenes/world.js';
import { FPS } from './traffic/simulation.js';
import { signalLights } from './traffic/signals.js';
import { longTraffic, loopingTraffic, type Traffic, type TrafficVehicle } from './traffic/traffic.js';
import { TRUTH_FORMAT, TRUTH_VERSION, type TruthFile, type TruthRow } from './truth.js';
import { groundPoint } from './vehicles/placed.js';

/** Standard deviation of the sensor's noise, of 255: more costs bits and shows nothing. */
const NOISE = 0.8;

export interface ClipJob {
  scene: Scene;
  seed: number;
  widthPx: number;
  heightPx: number;
  /** Absent: one loop of the scene's own length. */
  minutes?: number;
  /** Quality of the encoding; larger is smaller. */
  crf: number;
  clipsDir: string;
  truthDir: string;
}

/** Writes `clipsDir/NAME.mp4` and `truthDir/NAME.json.gz`; returns the number of frames. */
export async function renderClip(job: ClipJob): Promise<number> {
  const { scene, seed, widthPx, heightPx } = job;
  await mkdir(job.clipsDir, { recursive: true });
  await mkdir(job.truthDir, { recursive: true });
  const { renderer, traffic } = clipRenderer(job);
  const developer = new Developer(widthPx, heightPx, seed, NOISE);
  const frames: TruthRow[][] = [];

  function* pictures(): Generator<Buffer> {
    for (let frame = 0; frame < traffic.frameCount; frame++) {
      const { light, rows } = renderFrame(renderer, traffic, frame, scene.periodS);
      frames.push(rows);
      developer.develop(light, renderer.world.lighting);
      drawFrameCounter(developer.rgb, widthPx, frame);
      const picture = Buffer.allocUnsafe((widthPx * heightPx * 3) / 2);
      toI420(developer.rgb, widthPx, heightPx, 'bt709', picture);
      yield picture;
    }
  }
  await encodeClip(join(job.clipsDir, `${scene.name}.mp4`), pictures(), {
    codec: 'h264',
    widthPx,
    heightPx,
    fps: FPS,
    gopLength: FPS,
    bFrames: 0,
    container: 'mp4',
    crf: job.crf,
    preset: 'slow',
  });
  const truth = truthFile(job, renderer, traffic, frames);
  await writeFile(join(job.truthDir, `${scene.name}.json.gz`), gzipSync(JSON.stringify(truth), { level: 9 }));
  return traffic.frameCount;
}

/** The world and the traffic of a clip: everything but the pictures. */
export function prepareClip({ scene, seed, minutes }: Pick<ClipJob, 'scene' | 'seed' | 'minutes'>): {
  world: World;
  traffic: Traffic;
} {
  const world = scene.build({ random: seededRandom(seed) });
  const traffic =
    minutes === undefined
      ? loopingTraffic(world, scene.periodS, seed)
      : longTraffic(world, scene.periodS, minutes * 60, seed);
  return { world, traffic };
}

/** The renderer of a clip, with room for the frame counter, and its traffic. */
export function clipRenderer(job: Pick<ClipJob, 'scene' | 'seed' | 'minutes' | 'widthPx' | 'heightPx'>): {
  renderer: SceneRenderer;
  traffic: Traffic;
} {
  const { world, traffic } = prepareClip(job);
  const { coveredWidthPx, coveredHeightPx } = frameCounterLayout(job.widthPx);
  const covered = { x: 0, y: 0, width: coveredWidthPx, height: coveredHeightPx };
  return { renderer: new SceneRenderer(world, job.widthPx, job.heightPx, covered), traffic };
}

/** Renders a frame: its light (overwritten by the next) and the truth about it. Signals repeat after `periodS`. */
export function renderFrame(
  renderer: SceneRenderer,
  traffic: Traffic,
  frame: number,
  periodS: number,
): { light: Float32Array; rows: TruthRow[] } {
  const vehicles = traffic.at(frame);
  const lights = signalLights(renderer.world, frame / FPS / periodS);
  const { light, observations } = renderer.render(vehicles, lights);
  return { light, rows: observations.map((seen) => truthRow(seen, vehicles[seen.id]!)) };
}

const rounded = (value: number, step: number): number => Math.round(value / step) / Math.round(1 / step);

function truthRow(seen: Observation, vehicle: TrafficVehicle): TruthRow {
  const ground = groundPoint(vehicle);
  const row = [
    vehicle.vehicle,
    vehicle.lap,
    ...seen.box,
    rounded(seen.occlusion, 0.01),
    rounded(seen.truncation, 0.01),
    rounded(ground.x, 0.01),
    rounded(ground.y, 0.01),
    rounded(vehicle.speedKmh, 0.1),
  ];
  if (seen.box.some((value, k) => value !== seen.silhouette[k])) row.push(...seen.silhouette);
  return row;
}

function truthFile(job: ClipJob, { world, camera }: SceneRenderer, traffic: Traffic, frames: TruthRow[][]): TruthFile {
  const toImage = camera.groundToImage();
  return {
    format: TRUTH_FORMAT,
    version: TRUTH_VERSION,
    scene: job.scene.name,
    title: job.scene.title,
    seed: job.seed,
    fps: FPS,
    frameCount: traffic.frameCount,
    loops: traffic.loops,
    mostLaps: traffic.mostLaps,
    widthPx: job.widthPx,
    heightPx: job.heightPx,
    laneWidthM: world.laneWidthM,
    camera: world.camera,
    imageToGround: camera.imageToGround(),
    calibration: {
      imagePx: world.calibration.map(([x, y]) => applyHomography(toImage, x, y)),
      groundM: world.calibration.map(([x, y]) => [x, y]),
    },
    vehicles: traffic.models.map(({ model, parked }) => ({
      class: model.class,
      model: model.name,
      lengthM: model.lengthM,
      widthM: model.widthM,
      heightM: model.heightM,
      parked,
    })),
    frames,
  };
}
