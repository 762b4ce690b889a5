/**
 * Constant-velocity Kalman filter over `(centre x, centre y, aspect ratio w/h, height)`, as SORT, DeepSORT and
 * ByteTrack use it (Wojke et al., "Simple online and realtime tracking with a deep association metric", ICIP 2017).
 *
 * The textbook form has an 8-vector and an 8x8 covariance. Its transition couples a coordinate only with that
 * coordinate's own velocity, its observation picks single coordinates, and both noises and the initial covariance are
 * diagonal: the covariance therefore stays block-diagonal for ever, and the filter *is* four independent filters of
 * two states. They are computed here in that form: the same numbers, a tenth of the work.
 *
 * Time: one unit is one nominal frame interval, so velocities are per nominal frame and `dt = 1` is the reference's
 * step. For other steps the transition is `position += dt * velocity`, and the variance of the process noise is
 * proportional to `dt` (a random walk: two half steps add what one whole step adds).
 */

/** Standard deviation of position and of velocity noise, relative to the height. */
const POSITION_NOISE = 1 / 20;
const VELOCITY_NOISE = 1 / 160;
/** The aspect ratio has absolute noises. */
const ASPECT_NOISE = 1e-2;
const ASPECT_VELOCITY_NOISE = 1e-5;
const ASPECT_MEASUREMENT_NOISE = 1e-1;

const COORDINATES = 4;
const ASPECT = 2;
const HEIGHT = 3;

/** A measured or estimated box: centre in pixels, width / height, height in pixels. */
export type Xyah = readonly [x: number, y: number, aspect: number, height: number];

const square = (value: number): number => value * value;

export class KalmanFilter {
  readonly #position = new Float64Array(COORDINATES);
  readonly #velocity = new Float64Array(COORDINATES);
  /** Per coordinate: variance of the position, covariance of position and velocity, variance of the velocity. */
  readonly #varPosition = new Float64Array(COORDINATES);
  readonly #covariance = new Float64Array(COORDINATES);
  readonly #varVelocity = new Float64Array(COORDINATES);

  /** Starts at the measured box with unknown velocity. */
  constructor(measured: Xyah) {
    const height = measured[HEIGHT];
    for (let i = 0; i < COORDINATES; i++) {
      this.#position[i] = measured[i]!;
      this.#varPosition[i] = square(i === ASPECT ? ASPECT_NOISE : 2 * POSITION_NOISE * height);
      this.#varVelocity[i] = square(i === ASPECT ? ASPECT_VELOCITY_NOISE : 10 * VELOCITY_NOISE * height);
    }
  }

  /** Pixels. */
  get centreX(): number {
    return this.#position[0]!;
  }
  /** Pixels. */
  get centreY(): number {
    return this.#position[1]!;
  }
  /** Width over height. */
  get aspect(): number {
    return this.#position[ASPECT]!;
  }
  /** Pixels. */
  get height(): number {
    return this.#position[HEIGHT]!;
  }
  /** Pixels per nominal frame. */
  get velocityX(): number {
    return this.#velocity[0]!;
  }
  /** Pixels per nominal frame. */
  get velocityY(): number {
    return this.#velocity[1]!;
  }

  /** ByteTrack lets a lost track drift, but not grow or shrink. */
  stopHeight(): void {
    this.#velocity[HEIGHT] = 0;
  }

  /** Moves `dt` nominal frames ahead (`dt >= 0`). */
  predict(dt: number): void {
    const height = this.#position[HEIGHT]!;
    const qPosition = dt * square(POSITION_NOISE * height);
    const qVelocity = dt * square(VELOCITY_NOISE * height);
    for (let i = 0; i < COORDINATES; i++) {
      const covariance = this.#covariance[i]!;
      const varVelocity = this.#varVelocity[i]!;
      this.#position[i]! += dt * this.#velocity[i]!;
      this.#varPosition[i]! +=
        dt * (2 * covariance + dt * varVelocity) + (i === ASPECT ? dt * square(ASPECT_NOISE) : qPosition);
      this.#covariance[i] = covariance + dt * varVelocity;
      this.#varVelocity[i] = varVelocity + (i === ASPECT ? dt * square(ASPECT_VELOCITY_NOISE) : qVelocity);
    }
  }

  /** Corrects with a measured box. */
  update(measured: Xyah): void {
    const rHeight = square(POSITION_NOISE * this.#position[HEIGHT]!);
    for (let i = 0; i < COORDINATES; i++) {
      const varPosition = this.#varPosition[i]!;
      const covariance = this.#covariance[i]!;
      const innovation = measured[i]! - this.#position[i]!;
      const innovationVariance = varPosition + (i === ASPECT ? square(ASPECT_MEASUREMENT_NOISE) : rHeight);
      const gainPosition = varPosition / innovationVariance;
      const gainVelocity = covariance / innovationVariance;
      this.#position[i]! += gainPosition * innovation;
      this.#velocity[i]! += gainVelocity * innovation;
      this.#varPosition[i] = varPosition - gainPosition * varPosition;
      this.#covariance[i] = covariance - gainPosition * covariance;
      this.#varVelocity[i]! -= gainVelocity * covariance;
    }
  }

  /** The unit of time changes: a nominal frame lasts `factor` times as long as before. */
  rescaleTime(factor: number): void {
    for (let i = 0; i < COORDINATES; i++) {
      this.#velocity[i]! *= factor;
      this.#covariance[i]! *= factor;
      this.#varVelocity[i]! *= factor * factor;
    }
  }
}
