/** `[x, y, width, height]` in pixels of the picture. */
export type Box = readonly [x: number, y: number, width: number, height: number];

/** A vehicle as it truly is on one frame. */
export interface TruthVehicle {
  /** Unique within the clip; also over the seam of its loop. */
  id: number;
  class: string;
  /** What is visible of it. */
  box: Box;
  /** The part of it that something hides, 0..1. */
  occlusion: number;
  /** Where it stands on the road. */
  groundM: readonly [x: number, y: number];
  speedKmh: number;
}

export interface TruthFrame {
  vehicles: readonly TruthVehicle[];
}
