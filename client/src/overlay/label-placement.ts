/** Puts labels beside their boxes so that none hides another. Pure; any unit of length. */

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface LabelRequest {
  /** The box that the label belongs to. */
  box: Rect;
  width: number;
  height: number;
  /** Greater ones are placed first. */
  priority: number;
}

/** Labels may touch, and hide so much of a neighbour. */
const TOLERATED_SHARE = 0.04;

/**
 * Where each label goes, in the order of the requests; null for one that has no free place: its box stays without words,
 * since a heap of labels would help nobody. Places tried: above, below, then inside the box's top, from its left and from
 * its right edge.
 */
export function placeLabels(requests: readonly LabelRequest[], bounds: Rect): (Rect | null)[] {
  const places: (Rect | null)[] = requests.map(() => null);
  const taken: Rect[] = [];
  const order = requests.map((_, i) => i).sort((a, b) => requests[b]!.priority - requests[a]!.priority || a - b);
  for (const i of order) {
    const place = freePlace(requests[i]!, bounds, taken);
    if (!place) continue;
    taken.push(place);
    places[i] = place;
  }
  return places;
}

function freePlace({ box, width, height }: LabelRequest, bounds: Rect, taken: readonly Rect[]): Rect | null {
  if (width > bounds.width || height > bounds.height) return null;
  if (overlapArea(box, bounds) <= 0) return null;
  for (const y of [box.y - height, box.y + box.height, box.y]) {
    for (const x of [box.x, box.x + box.width - width]) {
      const place = {
        x: clamp(x, bounds.x, bounds.x + bounds.width - width),
        y: clamp(y, bounds.y, bounds.y + bounds.height - height),
        width,
        height,
      };
      if (taken.every((other) => overlapArea(place, other) <= TOLERATED_SHARE * width * height)) return place;
    }
  }
  return null;
}

export function overlapArea(a: Rect, b: Rect): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
