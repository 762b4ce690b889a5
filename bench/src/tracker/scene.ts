import { normal, seededRandom } from '@lanecast/server/core/random';
import type { Detection } from '@lanecast/server/core/types';

const WIDTH_PX = 1920;
const HEIGHT_PX = 1080;
/** Of an object's frames: not detected at all, and detected weakly. */
const MISS_RATE = 0.08;
const WEAK_RATE = 0.15;
/** False alarms a frame, per object. */
const FALSE_ALARM_RATE = 0.05;
/** Box errors, relative to the height. */
const JITTER = 0.02;

interface Vehicle {
  x: number;
  y: number;
  width: number;
  height: number;
  vx: number;
  vy: number;
}

/**
 * Detections of a road full of vehicles: they drive straight at 1 to 12 px a frame, leave, and come back elsewhere;
 * boxes jitter, some are missed, some are weak, some are false. The same for the same arguments.
 */
export function simulateScene(objects: number, frames: number, seed: number): Detection[][] {
  const random = seededRandom(seed);
  const between = (low: number, high: number): number => low + (high - low) * random();
  const enter = (): Vehicle => {
    const height = between(30, 110);
    const direction = random() < 0.5 ? -1 : 1;
    return {
      x: between(0, WIDTH_PX),
      y: between(0, HEIGHT_PX),
      width: height * between(1, 1.8),
      height,
      vx: direction * between(1, 12),
      vy: between(-1, 1),
    };
  };
  const vehicles = Array.from({ length: objects }, enter);

  const detect = ({ x, y, width, height }: Vehicle): Detection | null => {
    const fate = random();
    if (fate < MISS_RATE) return null;
    const score = fate < MISS_RATE + WEAK_RATE ? between(0.15, 0.5) : between(0.5, 0.97);
    const error = (): number => JITTER * height * normal(random);
    const x1 = x - width / 2 + error();
    const y1 = y - height / 2 + error();
    return { x1, y1, x2: x1 + width + error(), y2: y1 + height + error(), score, classIndex: 0 };
  };

  return Array.from({ length: frames }, () => {
    const detections: Detection[] = [];
    vehicles.forEach((vehicle, index) => {
      vehicle.x += vehicle.vx;
      vehicle.y += vehicle.vy;
      const isInside = vehicle.x > 0 && vehicle.x < WIDTH_PX && vehicle.y > 0 && vehicle.y < HEIGHT_PX;
      if (!isInside) vehicles[index] = enter();
      const detection = detect(vehicles[index]!);
      if (detection) detections.push(detection);
      if (random() < FALSE_ALARM_RATE) {
        const ghost = detect(enter());
        if (ghost) detections.push({ ...ghost, score: between(0.1, 0.6) });
      }
    });
    return detections;
  });
}
