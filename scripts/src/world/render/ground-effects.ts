/** What vehicles do to the light on the ground near them, besides their shadow from the sun. */
import type { PlacedVehicle } from '../vehicles/placed.js';
import type { Camera } from './camera.js';
import type { Projector } from './projector.js';
import { Fill, type Rasteriser } from './rasteriser.js';

/** The dark below a vehicle fades out over this distance. */
const FADE_M = 0.7;
const DARKEST = 0.16;

/** Samples of a turned rectangle on the ground, with their places in the frame of its middle (x forward). */
function eachGroundSample(
  pose: { x: number; y: number; headingRad: number },
  [back, front, half]: readonly [number, number, number],
  camera: Camera,
  raster: Rasteriser,
  projector: Projector,
  visit: (sample: number, forward: number, left: number) => void,
): void {
  const c = Math.cos(pose.headingRad);
  const s = Math.sin(pose.headingRad);
  const at = (f: number, l: number): [number, number, number] => [pose.x + f * c - l * s, pose.y + f * s + l * c, 0];
  raster.collectedCount = 0;
  projector.draw([...at(back, -half), ...at(front, -half), ...at(front, half)], 0, Fill.Collect, 0);
  projector.draw([...at(back, -half), ...at(front, half), ...at(back, half)], 0, Fill.Collect, 0);
  const { position, right, down, forward } = camera;
  const focal = (camera.focalPx * raster.width) / camera.widthPx;
  for (let k = 0; k < raster.collectedCount; k++) {
    const p = raster.collected[k]!;
    const across = ((p % raster.width) + 0.5 - raster.width / 2) / focal;
    const below = (Math.floor(p / raster.width) + 0.5 - raster.height / 2) / focal;
    const depth = 1 / raster.nearness[p]!;
    const x = position[0] + depth * (forward[0] + across * right[0] + below * down[0]) - pose.x;
    const y = position[1] + depth * (forward[1] + across * right[1] + below * down[1]) - pose.y;
    visit(p, x * c + y * s, y * c - x * s);
  }
}

/** Less light from the sky under and close to each vehicle. */
export function groundContact(
  vehicles: readonly PlacedVehicle[],
  camera: Camera,
  raster: Rasteriser,
  projector: Projector,
  contact: Float32Array,
): void {
  for (const vehicle of vehicles) {
    vehicle.parts.forEach((pose, i) => {
      const parts = vehicle.model.parts.length;
      const length = parts === 1 ? vehicle.model.lengthM : partLength(vehicle, i);
      const half = length / 2 - 0.1;
      const halfWidth = vehicle.model.widthM / 2 - 0.1;
      const reach: [number, number, number] = [-half - FADE_M, half + FADE_M, halfWidth + FADE_M];
      eachGroundSample(pose, reach, camera, raster, projector, (sample, forward, left) => {
        const dx = Math.max(0, Math.abs(forward) - half);
        const dy = Math.max(0, Math.abs(left) - halfWidth);
        const away = Math.min(1, Math.sqrt(dx * dx + dy * dy) / FADE_M);
        const open = DARKEST + (1 - DARKEST) * Math.sqrt(away);
        if (open < contact[sample]!) contact[sample] = open;
        if (away < 0.2) raster.direct[sample] = Math.min(raster.direct[sample]!, away * 5);
      });
    });
  }
}

function partLength(vehicle: PlacedVehicle, part: number): number {
  const { centreM } = vehicle.model.parts[part]!;
  return 2 * (vehicle.model.lengthM / 2 - Math.abs(centreM));
}

/** Light on the road before each vehicle. */
export function headlightPools(
  vehicles: readonly PlacedVehicle[],
  camera: Camera,
  raster: Rasteriser,
  projector: Projector,
  strength: number,
): void {
  for (const vehicle of vehicles) {
    if (vehicle.speedKmh === 0 && !vehicle.braking) continue;
    const start = vehicle.model.lengthM / 2 - vehicle.model.parts[0]!.centreM;
    eachGroundSample(
      vehicle.parts[0]!,
      [start, start + 28, 5.5],
      camera,
      raster,
      projector,
      (sample, forward, left) => {
        const along = forward - start;
        const spread = 0.7 + along * 0.16;
        const side = left / spread;
        const power = (1.5 * strength * Math.exp(-side * side * 0.6) * Math.min(1, along / 3)) / (1 + (along / 9) ** 2);
        raster.direct[sample] = raster.direct[sample]! + power * Math.max(0, 1 - along / 28);
      },
    );
  }
}
