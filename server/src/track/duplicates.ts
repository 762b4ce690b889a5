import type { AssociationCosts } from './association-cost.js';
import type { Tracklet } from './tracklet.js';

const SAME_OBJECT_DISTANCE = 0.15;

/**
 * Where a tracked and a lost track lie on one another (IoU above 0.85), the one that has lived longer stays; of equals
 * the lost one. Lives that differ by less than `toleranceUs` are equal.
 */
export function removeDuplicates(
  tracked: readonly Tracklet[],
  lost: readonly Tracklet[],
  toleranceUs: number,
  costs: AssociationCosts,
): { tracked: Tracklet[]; lost: Tracklet[] } {
  const dropped = new Set<Tracklet>();
  const distances = costs.iou(tracked, lost).costs;
  let at = 0;
  for (const a of tracked) {
    for (const b of lost) {
      if (distances[at++]! < SAME_OBJECT_DISTANCE) dropped.add(a.lifeUs - b.lifeUs > toleranceUs ? b : a);
    }
  }
  if (dropped.size === 0) return { tracked: [...tracked], lost: [...lost] };
  const stays = (track: Tracklet): boolean => !dropped.has(track);
  return { tracked: tracked.filter(stays), lost: lost.filter(stays) };
}
