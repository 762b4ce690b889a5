import type { Calibration } from '../config/calibration.js';
import type { FrameHeader } from '../core/frame-slots.js';
import { rtpTimestampOf } from '../core/timeline.js';
import type { DetectedBy, Detection, PublishedTrack, TrackMessage } from '../core/types.js';
import { groundContact, showsGroundContact } from '../speed/ground-contact.js';
import { ScaleProjection } from '../speed/ground-projection.js';
import type { PictureSize } from '../speed/homography-projection.js';
import { projectionOf } from '../speed/projection-of.js';
import { SpeedEstimator } from '../speed/speed-estimator.js';
import { ByteTracker, type Track } from '../track/byte-tracker.js';
import type { ByteTrackerOptions } from '../track/options.js';

/** Decimals that mean something, without binary tails in the JSON. */
const round = (value: number, perUnit: number): number => Math.round(value * perUnit) / perUnit;

/** What the analysis needs to know of a frame. */
export type AnalysedFrame = Pick<FrameHeader, 'ptsUs' | 'epoch' | 'sourceWidth' | 'sourceHeight' | 'frameNo'>;

/** From one stream's detections to its published tracks: tracker and speed, with one epoch for both. Pure. */
export class StreamAnalytics {
  readonly #streamId: string;
  readonly #classes: readonly string[];
  readonly #tracker: ByteTracker;
  readonly #speed = new SpeedEstimator(new ScaleProjection());
  #calibration: Calibration;
  /** Of the pictures that the estimator's projection is for; null: none yet. */
  #projectedSize: PictureSize | null = null;
  #epoch = -1;

  constructor(
    streamId: string,
    classes: readonly string[],
    tracker: Partial<ByteTrackerOptions>,
    calibration: Calibration,
  ) {
    this.#streamId = streamId;
    this.#classes = classes;
    this.#tracker = new ByteTracker(tracker);
    this.#calibration = calibration;
  }

  get calibration(): Calibration {
    return this.#calibration;
  }

  /** Holds from the next frame on; speeds begin anew, tracks go on. */
  set calibration(calibration: Calibration) {
    this.#calibration = calibration;
    this.#projectedSize = null;
  }

  /** The detections (source pixels) of one frame, in order of PTS within an epoch, and whose they are. */
  process(header: AnalysedFrame, detections: readonly Detection[], detectedBy: DetectedBy = 'server'): TrackMessage {
    if (header.epoch !== this.#epoch) {
      this.#epoch = header.epoch;
      this.#tracker.reset();
      this.#speed.reset();
    }
    const size = { width: header.sourceWidth, height: header.sourceHeight };
    this.#project(size);
    const tracks = this.#tracker.update(detections, header.ptsUs);
    const speeds = this.#speed.update(
      tracks.map((track) => {
        // The detection, not the filter's estimate: its errors are independent from frame to frame.
        const [xPx, yPx] = showsGroundContact(track.detection, size) ? groundContact(track.detection) : [NaN, NaN];
        return { id: track.id, xPx, yPx };
      }),
      header.ptsUs,
    );
    return {
      stream: this.#streamId,
      ptsUs: header.ptsUs,
      rtpTimestamp: rtpTimestampOf(header.ptsUs),
      epoch: header.epoch,
      width: header.sourceWidth,
      height: header.sourceHeight,
      detectedBy,
      ...(header.frameNo !== undefined && { frameNo: header.frameNo }),
      tracks: tracks.map((track, i) => this.#publish(track, speeds[i] ?? null)),
    };
  }

  /** The projection depends on the pictures' size, which is known with the first of them and may change. */
  #project(size: PictureSize): void {
    if (this.#projectedSize?.width === size.width && this.#projectedSize.height === size.height) return;
    this.#projectedSize = size;
    this.#speed.projection = projectionOf(this.#calibration, size);
  }

  #publish(track: Track, speed: { speedKmh: number; sigmaKmh: number } | null): PublishedTrack {
    const seen = track.detection;
    return {
      id: track.id,
      class: this.#classes[track.classIndex] ?? `class ${track.classIndex}`,
      score: round(track.score, 1000),
      // What was seen on this very frame: the filter's own box lags while a vehicle enters or turns.
      box: [round(seen.x1, 10), round(seen.y1, 10), round(seen.x2 - seen.x1, 10), round(seen.y2 - seen.y1, 10)],
      speedKmh: speed && round(speed.speedKmh, 100),
      speedSigmaKmh: speed && round(speed.sigmaKmh, 100),
    };
  }
}
