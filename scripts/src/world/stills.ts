/** Labelled single pictures of the scenes, for training: every one with its own seed, camera, weather and traffic. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JpegEncoder } from '@lanecast/server/outputs/mjpeg/jpeg-encoder';
import { seededRandom } from '@lanecast/server/core/random';
import { Developer, toI420 } from './render/develop.js';
import type { Observation } from './render/observation.js';
import { SceneRenderer } from './render/scene-renderer.js';
import { varyCamera, varyLighting, varyMaterials } from './scenes/vary.js';
import type { Scene } from './scenes/world.js';
import { snapshot } from './traffic/snapshot.js';
import { CLASSES } from './vehicles/catalogue.js';
import type { PlacedVehicle } from './vehicles/placed.js';

/** Pictures that share a place, a camera and a weather, each with other traffic: building a place takes the most time. */
const PER_PLACE = 3;
const JPEG_QUALITY = 94;
/** Vehicles hidden more than this, or smaller, have no label. */
const MOST_OCCLUDED = 0.7;
const SMALLEST_PX = 5;

export interface StillsJob {
  scene: Scene;
  seed: number;
  /** Numbers of the pictures: from, to (exclusive). */
  from: number;
  to: number;
  outDir: string;
  widthPx: number;
  heightPx: number;
}

/** Returns how many. Writes `images/NAME.jpg`, `labels/NAME.txt` (YOLO) and `occlusion/NAME.txt` (one share a label). */
export async function renderStills(job: StillsJob): Promise<number> {
  for (const folder of ['images', 'labels', 'occlusion']) await mkdir(join(job.outDir, folder), { recursive: true });
  const { widthPx, heightPx } = job;
  const encoder = new JpegEncoder(widthPx, heightPx, JPEG_QUALITY);
  const picture = Buffer.alloc((widthPx * heightPx * 3) / 2);
  try {
    for (let first = job.from; first < job.to; first += PER_PLACE) {
      const placeSeed = hashOf(`${job.scene.name} ${job.seed} ${first}`);
      const random = seededRandom(placeSeed);
      const built = job.scene.build({ random, lighting: varyLighting(random) });
      const world = {
        ...built,
        camera: varyCamera(built.camera, random),
        materials: varyMaterials(built.materials, random),
      };
      const renderer = new SceneRenderer(world, widthPx, heightPx, null);
      const developer = new Developer(widthPx, heightPx, placeSeed + 1, 0.5 + 2.5 * random());
      for (let number = first; number < Math.min(job.to, first + PER_PLACE); number++) {
        const vehicles = snapshot(world, random, 0.5 + 1.8 * random());
        const { light, observations } = renderer.render(vehicles);
        developer.develop(light, world.lighting);
        toI420(developer.rgb, widthPx, heightPx, 'jpeg', picture);
        const name = `${job.scene.name}-${job.seed}-${String(number).padStart(6, '0')}`;
        const labels = labelled(observations);
        await writeFile(join(job.outDir, 'images', `${name}.jpg`), new Uint8Array(encoder.encode(picture)));
        await writeFile(join(job.outDir, 'labels', `${name}.txt`), labelText(labels, vehicles, widthPx, heightPx));
        const occlusions = labels.map((seen) => `${seen.occlusion.toFixed(3)}\n`).join('');
        await writeFile(join(job.outDir, 'occlusion', `${name}.txt`), occlusions);
      }
    }
  } finally {
    encoder.close();
  }
  return job.to - job.from;
}

/** A seed from a text (FNV-1a). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let k = 0; k < text.length; k++) hash = Math.imul(hash ^ text.charCodeAt(k), 0x01000193);
  return hash >>> 0;
}

function labelled(observations: readonly Observation[]): Observation[] {
  return observations.filter(
    ({ box, occlusion }) => occlusion <= MOST_OCCLUDED && box[2] >= SMALLEST_PX && box[3] >= SMALLEST_PX,
  );
}

function labelText(
  labels: readonly Observation[],
  vehicles: readonly PlacedVehicle[],
  widthPx: number,
  heightPx: number,
): string {
  const classes = new Map(vehicles.map((vehicle) => [vehicle.id, CLASSES.indexOf(vehicle.model.class)]));
  return labels
    .map(({ id, box: [x, y, width, height] }) => {
      const numbers = [(x + width / 2) / widthPx, (y + height / 2) / heightPx, width / widthPx, height / heightPx];
      return `${classes.get(id)!} ${numbers.map((value) => value.toFixed(6)).join(' ')}\n`;
    })
    .join('');
}
