import type { FrameHeader } from '../core/frame-slots.js';
import { rtpTimestampOf } from '../core/timeline.js';
import type { Detection, PublishedTrack, TrackMessage } from '../core/types.js';
import { groundContact, ScaleProjection } from '../speed/ground-projection.js';
import { SpeedEstimator } from '../speed/speed-estimator.js';
import { ByteTracker, type Track } from '../track/byte-tracker.js';
import type { ByteTrackerOptions } from '../track/options.js';

/** Decimals that mean something, without binary tails in the JSON. */
const round = (value: number, perUnit: number): number => Math.round(value * perUnit) / perUnit;

/** From one stream's detections to its published tracks: tracker and speed, with one epoch for both. Pure. */
export class StreamAnalytics {
  readonly #streamId: string;
  readonly #classes: readonly string[];
  readonly #tracker: ByteTracker;
  readonly #speed: SpeedEstimator;
  #epoch = -1;

  constructor(streamId: string, classes: readonly string[], tracker: Partial<ByteTrackerOptions>, scaleMPerPx: number) {
    this.#streamId = streamId;
    this.#classes = classes;
    this.#tracker = new ByteTracker(tracker);
    this.#speed = new SpeedEstimator(new ScaleProjection(scaleMPerPx));
  }

  /** The detections (source pixels) of one frame, in order of PTS within an epoch. */
  process(header: FrameHeader, detections: readonly Detection[]): TrackMessage {
    if (header.epoch !== this.#epoch) {
      this.#epoch = header.epoch;
      this.#tracker.reset();
      this.#speed.reset();
    }
    const tracks = this.#tracker.update(detections, header.ptsUs);
    const speeds = this.#speed.update(
      tracks.map((track) => {
        // The detection, not the filter's estimate: its errors are independent from frame to frame.
        const [xPx, yPx] = groundContact(track.detection);
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
      tracks: tracks.map((track, i) => this.#publish(track, speeds[i] ?? null)),
    };
  }

  #publish(track: Track, speed: { speedKmh: number; sigmaKmh: number } | null): PublishedTrack {
    return {
      id: track.id,
      class: this.#classes[track.classIndex] ?? `class ${track.classIndex}`,
      score: round(track.score, 1000),
      box: [round(track.x1, 10), round(track.y1, 10), round(track.x2 - track.x1, 10), round(track.y2 - track.y1, 10)],
      speedKmh: speed && round(speed.speedKmh, 100),
      speedSigmaKmh: speed && round(speed.sigmaKmh, 100),
    };
  }
}
