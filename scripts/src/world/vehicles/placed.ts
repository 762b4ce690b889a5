/** A vehicle at a place: which triangles it puts into the world. */
import type { Path, Pose } from '../geometry/path.js';
import type { Livery, VehicleModel } from './catalogue.js';

export interface PlacedVehicle {
  id: number;
  model: VehicleModel;
  livery: Livery;
  /** Of each part, its middle. */
  parts: readonly Pose[];
  speedKmh: number;
  braking: boolean;
}

/** Poses of a vehicle's parts whose middle is `distanceM` along `path`: both axles of each part lie on the path. */
export function posesOnPath(model: VehicleModel, path: Path, distanceM: number): Pose[] {
  return model.parts.map((part) => {
    const middle = distanceM + part.centreM;
    const front = path.at(middle + part.frontAxleM);
    const rear = path.at(middle + part.rearAxleM);
    const headingRad = Math.atan2(front.y - rear.y, front.x - rear.x);
    const back = -part.rearAxleM;
    return {
      x: rear.x + back * Math.cos(headingRad),
      y: rear.y + back * Math.sin(headingRad),
      headingRad,
    };
  });
}

/** Poses of a vehicle that stands straight at `pose`. */
export function posesAt(model: VehicleModel, pose: Pose): Pose[] {
  return model.parts.map((part) => ({
    x: pose.x + part.centreM * Math.cos(pose.headingRad),
    y: pose.y + part.centreM * Math.sin(pose.headingRad),
    headingRad: pose.headingRad,
  }));
}

/** The point on the ground below a vehicle's middle. */
export function groundPoint(vehicle: PlacedVehicle): { x: number; y: number } {
  let [x, y] = [0, 0];
  vehicle.parts.forEach((pose, i) => {
    const centre = vehicle.model.parts[i]!.centreM;
    x += pose.x - centre * Math.cos(pose.headingRad);
    y += pose.y - centre * Math.sin(pose.headingRad);
  });
  return { x: x / vehicle.parts.length, y: y / vehicle.parts.length };
}
