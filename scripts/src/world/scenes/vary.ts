/** Other cameras and other weather for the same places: for pictures to train on. */
import type { CameraPlacement } from '../render/camera.js';
import type { Material } from '../render/materials.js';
import { clearDay, night, overcast, rainy, type Lighting } from '../render/lighting.js';

/** Within `share` of one, either way. */
const about = (random: () => number, share: number): number => 1 + share * (2 * random() - 1);

/** Higher or lower, turned, tilted and zoomed a little. */
export function varyCamera(camera: CameraPlacement, random: () => number): CameraPlacement {
  const [x, y, z] = camera.position;
  const height = z * (0.72 + 0.65 * random());
  return {
    position: [x + 4 * (random() - 0.5), y + 6 * (random() - 0.5), height],
    panDeg: camera.panDeg + 14 * (random() - 0.5),
    // A higher camera looks down more steeply at the same place.
    tiltDeg: camera.tiltDeg * (0.5 + (0.5 * height) / z) + 5 * (random() - 0.5),
    fovDeg: camera.fovDeg * about(random, 0.22),
  };
}

/** Any hour and weather. */
export function varyLighting(random: () => number): Lighting {
  const chance = random();
  const lighting =
    chance < 0.48
      ? clearDay(360 * random(), 14 + 50 * random(), 0.0003 + 0.0015 * random() ** 3)
      : chance < 0.72
        ? overcast(0.0004 + 0.006 * random() ** 2)
        : chance < 0.83
          ? rainy(0.002 + 0.007 * random())
          : night(0.05 + 0.7 * random());
  return {
    ...lighting,
    clouds: Math.min(1, lighting.clouds * (0.3 + 1.4 * random())),
    wet: lighting.rain > 0 ? 0.4 + 0.5 * random() : random() < 0.1 ? 0.5 * random() : lighting.wet,
    headlights: lighting.headlights || random() < 0.12,
    exposure: lighting.exposure * (0.72 + 0.6 * random()),
  };
}

/** Other asphalt, other grass, other walls. */
export function varyMaterials(materials: readonly Material[], random: () => number): Material[] {
  return materials.map((material) => {
    const tone = 0.65 + 0.75 * random();
    const [r, g, b] = material.colour;
    return {
      ...material,
      colour: [r * tone * about(random, 0.1), g * tone, b * tone * about(random, 0.12)] as const,
    };
  });
}
