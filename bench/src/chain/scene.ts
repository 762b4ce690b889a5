import type { Calibration } from '@lanecast/server/config/calibration';
import type { TruthFrame } from './truth.js';

/** A clip that loops without a seam, and everything that is true of it. */
export interface ChainScene {
  name: string;
  clip: string;
  width: number;
  height: number;
  fps: number;
  /** Of one loop. */
  frameCount: number;
  /**
   * The truth of frame `index` of the endless clip, from 0. A vehicle that comes by once a loop is another one each
   * time, as far as anybody can see: its id is another, too.
   */
  truthAt(index: number): TruthFrame;
  calibration: Calibration;
}
