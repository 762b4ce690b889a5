import type { PictureSize } from './homography-projection.js';

/** Corners in source pixels. */
interface Corners {
  readonly x1: number;
  readonly x2: number;
  readonly y2: number;
}

/** A box that ends this close to the picture's edge (a part of its width or height) is taken to be cut off by it. */
const EDGE_SHARE = 0.01;

/** The point of a box that touches the road: the middle of its lower edge, in the box's own pixels. */
export function groundContact(box: Corners): [xPx: number, yPx: number] {
  return [(box.x1 + box.x2) / 2, box.y2];
}

/**
 * False where the picture's edge cuts off that point or moves it: left, right or below. What is left of a vehicle that
 * drives out shrinks towards the edge, so its middle and its lower edge move slower than the vehicle, or not at all.
 */
export function showsGroundContact(box: Corners, picture: PictureSize): boolean {
  const marginX = EDGE_SHARE * picture.width;
  const marginY = EDGE_SHARE * picture.height;
  return box.x1 > marginX && box.x2 < picture.width - marginX && box.y2 < picture.height - marginY;
}
