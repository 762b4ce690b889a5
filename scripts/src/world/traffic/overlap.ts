/** Whether vehicles touch: their parts as rectangles on the ground (separating axes). */
import type { Pose } from '../geometry/path.js';
import type { PlacedVehicle } from '../vehicles/placed.js';

interface Rectangle {
  pose: Pose;
  halfLength: number;
  halfWidth: number;
}

function rectangles(vehicle: PlacedVehicle): Rectangle[] {
  const { model } = vehicle;
  return vehicle.parts.map((pose, i) => ({
    pose,
    halfLength: model.lengthM / 2 - Math.abs(model.parts[i]!.centreM),
    halfWidth: model.widthM / 2,
  }));
}

function separated(a: Rectangle, b: Rectangle): boolean {
  const dx = b.pose.x - a.pose.x;
  const dy = b.pose.y - a.pose.y;
  for (const angle of [
    a.pose.headingRad,
    a.pose.headingRad + Math.PI / 2,
    b.pose.headingRad,
    b.pose.headingRad + Math.PI / 2,
  ]) {
    const [ux, uy] = [Math.cos(angle), Math.sin(angle)];
    const reach = (r: Rectangle): number =>
      r.halfLength * Math.abs(Math.cos(r.pose.headingRad - angle)) +
      r.halfWidth * Math.abs(Math.sin(r.pose.headingRad - angle));
    if (Math.abs(dx * ux + dy * uy) > reach(a) + reach(b)) return true;
  }
  return false;
}

/** True if any part of one touches any part of the other. */
export function touching(a: PlacedVehicle, b: PlacedVehicle): boolean {
  const [pa, pb] = [a.parts[0]!, b.parts[0]!];
  if (Math.hypot(pa.x - pb.x, pa.y - pb.y) > a.model.lengthM + b.model.lengthM) return false;
  return rectangles(a).some((ra) => rectangles(b).some((rb) => !separated(ra, rb)));
}
