import type { Detection } from '../core/types.js';
import type { Corners } from './association-cost.js';
import { ClassVote } from './class-vote.js';
import { KalmanFilter, type Xyah } from './kalman-filter.js';

function toXyah({ x1, y1, x2, y2 }: Detection): Xyah {
  const width = x2 - x1;
  const height = y2 - y1;
  return [x1 + width / 2, y1 + height / 2, width / height, height];
}

/** One object that the tracker follows: motion, class and age. Implements `Corners` with its estimated box. */
export class Tracklet implements Corners {
  readonly id: number;
  /** PTS of the frame that began it. */
  readonly startUs: number;
  /** Published; before that it is only a candidate that must be matched on the very next frame. */
  confirmed: boolean;
  /** Not matched on the last frame, but remembered. */
  lost = false;
  /**
   * Was lost for longer than the buffer. The reference takes such a track out of the lost ones only on the following
   * frame; if it is found on that very frame it lives on, but is forgotten as soon as it is lost again.
   */
  expired = false;

  readonly #filter: KalmanFilter;
  readonly #vote: ClassVote;
  #detection: Detection;
  #seenUs: number;
  #x1 = 0;
  #y1 = 0;
  #x2 = 0;
  #y2 = 0;

  constructor(id: number, detection: Detection, ptsUs: number, confirmed: boolean) {
    this.id = id;
    this.startUs = ptsUs;
    this.confirmed = confirmed;
    this.#filter = new KalmanFilter(toXyah(detection));
    this.#vote = new ClassVote(detection.classIndex, detection.score);
    this.#detection = detection;
    this.#seenUs = ptsUs;
    this.#refreshCorners();
  }

  get x1(): number {
    return this.#x1;
  }
  get y1(): number {
    return this.#y1;
  }
  get x2(): number {
    return this.#x2;
  }
  get y2(): number {
    return this.#y2;
  }
  /** The detection that it was matched with last. */
  get detection(): Detection {
    return this.#detection;
  }
  /** PTS of the frame on which it was matched last. */
  get seenUs(): number {
    return this.#seenUs;
  }
  get classIndex(): number {
    return this.#vote.winner;
  }
  /** Of the centre, pixels per nominal frame. */
  get velocityX(): number {
    return this.#filter.velocityX;
  }
  /** Of the centre, pixels per nominal frame. */
  get velocityY(): number {
    return this.#filter.velocityY;
  }

  /** From its first to its last match. */
  get lifeUs(): number {
    return this.#seenUs - this.startUs;
  }

  /** Moves the estimate `dt` nominal frames ahead. */
  predict(dt: number): void {
    if (this.lost) this.#filter.stopHeight();
    this.#filter.predict(dt);
    this.#refreshCorners();
  }

  /** Takes the detection as this object on the frame at `ptsUs`. */
  match(detection: Detection, ptsUs: number): void {
    this.#filter.update(toXyah(detection));
    this.#vote.add(detection.classIndex, detection.score);
    this.#detection = detection;
    this.#seenUs = ptsUs;
    this.confirmed = true;
    this.lost = false;
    this.#refreshCorners();
  }

  rescaleTime(factor: number): void {
    this.#filter.rescaleTime(factor);
  }

  #refreshCorners(): void {
    const { centreX, centreY, aspect, height } = this.#filter;
    const width = aspect * height;
    this.#x1 = centreX - width / 2;
    this.#y1 = centreY - height / 2;
    this.#x2 = this.#x1 + width;
    this.#y2 = this.#y1 + height;
  }
}
