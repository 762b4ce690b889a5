/** A synthetic traffic scene: bright rectangles that move at known speeds over a dark ground, and repeat. Pure. */
import { LanecastError } from '@lanecast/server/core/errors';

export interface MovingBox {
  widthPx: number;
  heightPx: number;
  /** Pixels per second along `axis`; negative moves left or up. */
  speedPxPerS: number;
  axis: 'x' | 'y';
  /** Where its left (axis y) or top (axis x) edge runs, in pixels. */
  lanePx: number;
  /** Where in its period it begins, 0..1. */
  phase: number;
  /** 0..255. */
  luma: number;
}

/** A box on one frame. */
export interface TruthBox {
  /** Index of the moving box. */
  id: number;
  /** `[x, y, width, height]` in pixels, fractional, not clipped to the frame. */
  box: [number, number, number, number];
  /** The part of its area that is inside the frame, above 0 and up to 1. */
  visible: number;
}

export interface Scene {
  widthPx: number;
  heightPx: number;
  durationS: number;
  boxes: readonly MovingBox[];
}

/**
 * The boxes that show at `timeS`. Each crosses the frame from outside to outside a whole number of times in
 * `durationS`, so that the clip has no seam; between two crossings it waits outside for as long as that takes.
 * @throws LanecastError `clip-too-short` when a box cannot cross once within the duration.
 */
export function boxesAt(scene: Scene, timeS: number): TruthBox[] {
  return scene.boxes.flatMap((moving, id) => {
    const box = placeBox(scene, moving, timeS);
    const visible = visiblePart(scene, box);
    return visible > 0 ? [{ id, box, visible }] : [];
  });
}

function placeBox(scene: Scene, moving: MovingBox, timeS: number): [number, number, number, number] {
  const along = moving.axis === 'x' ? scene.widthPx : scene.heightPx;
  const own = moving.axis === 'x' ? moving.widthPx : moving.heightPx;
  const periodPx = crossingPeriodPx(scene.durationS, moving, along + own);
  const travelledPx = moving.phase * periodPx + moving.speedPxPerS * timeS;
  const position = modulo(travelledPx, periodPx) - own;
  return moving.axis === 'x'
    ? [position, moving.lanePx, moving.widthPx, moving.heightPx]
    : [moving.lanePx, position, moving.widthPx, moving.heightPx];
}

/** The shortest repeat distance of at least `crossingPx` that fits a whole number of times into the clip's journey. */
function crossingPeriodPx(durationS: number, moving: MovingBox, crossingPx: number): number {
  const journeyPx = Math.abs(moving.speedPxPerS) * durationS;
  if (journeyPx === 0) return crossingPx;
  const crossings = Math.floor(journeyPx / crossingPx);
  if (crossings > 0) return journeyPx / crossings;
  throw new LanecastError(
    'clip-too-short',
    `Making a seamless clip of ${durationS} s: a box at ${moving.speedPxPerS} px/s needs at least ` +
      `${(crossingPx / Math.abs(moving.speedPxPerS)).toFixed(1)} s to cross. Make the clip longer or the box faster.`,
  );
}

function modulo(value: number, period: number): number {
  return ((value % period) + period) % period;
}

function visiblePart(scene: Scene, [x, y, width, height]: readonly [number, number, number, number]): number {
  const insideX = Math.min(x + width, scene.widthPx) - Math.max(x, 0);
  const insideY = Math.min(y + height, scene.heightPx) - Math.max(y, 0);
  return (Math.max(insideX, 0) * Math.max(insideY, 0)) / (width * height);
}

/** Four lanes of boxes, the size of cars and lorries in a 360p view and scaled with the height; from a seeded `random`. */
export function standardBoxes(heightPx: number, random: () => number): MovingBox[] {
  const scale = heightPx / 360;
  return [0, 1, 2, 3].map((lane) => {
    const isLorry = random() < 0.3;
    const direction = lane < 2 ? -1 : 1;
    return {
      widthPx: Math.round((isLorry ? 110 : 64) * scale),
      heightPx: Math.round((isLorry ? 48 : 36) * scale),
      speedPxPerS: direction * Math.round((90 + random() * 90) * scale),
      axis: 'x',
      lanePx: Math.round((60 + lane * 70) * scale),
      phase: random(),
      luma: Math.round(170 + random() * 60),
    };
  });
}
