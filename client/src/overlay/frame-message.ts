/** What the overlay needs to know of one processed frame: the decoded track message. */

/** Where a box lies and how its vehicle moves; positions are shares of the picture (0..1). */
export interface FrameTrack {
  /** Unique within stream and epoch. */
  id: number;
  className: string;
  /** Upper left corner and size. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** Of the centre, shares of the picture a second; 0 where it is not known. */
  velocityX: number;
  velocityY: number;
  /** null while it is not known. */
  speedKmh: number | null;
  speedSigmaKmh: number | null;
  /** False: the server's filter foretold it, no detection supports it on this frame. */
  measured: boolean;
  /** False: the speed rests on the default scale and is a guess. */
  calibrated: boolean;
}

export interface FrameMessage {
  rtpTimestamp: number;
  /** Presentation time; per stream, strictly increasing. */
  ptsUs: number;
  epoch: number;
  /** Source picture, pixels. */
  width: number;
  height: number;
  /** The number that the server read in the decoded picture; null without `--debug-frame-numbers`. */
  frameNo: number | null;
  /** When the frame had arrived at the server, its wall clock; null: unknown. */
  arrivedAtEpochMs: number | null;
  tracks: FrameTrack[];
}
