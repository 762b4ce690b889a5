/** What drivers need to know of the routes: how fast each bend may be taken, and where routes run together. */
import type { Path } from '../geometry/path.js';
import type { Route } from '../scenes/world.js';

/** Sideways acceleration that drivers accept, and how they slow down for a bend. */
const SIDEWAYS_M_S2 = 2.4;
const EASY_BRAKING_M_S2 = 1.4;
/** Routes nearer than this, and of about the same heading, share the road. */
const SHARED_WITHIN_M = 1.7;
const SHARED_COSINE = Math.cos((55 * Math.PI) / 180);
const STEP_M = 1;

export class RoadMap {
  readonly #limits: readonly Float64Array[];
  /** `[on][of]`: for each metre of route `of`, where that is on route `on`; NaN where they are apart. null: never together. */
  readonly #shared: readonly (readonly (Float64Array | null)[])[];

  constructor(routes: readonly Route[]) {
    this.#limits = routes.map((route) => speedLimits(route.path));
    this.#shared = routes.map((on) => routes.map((of) => (on === of ? null : sharedPlaces(on.path, of.path))));
  }

  /** m/s: what the road itself allows at `atM` of a route. */
  speedLimit(route: number, atM: number): number {
    const limits = this.#limits[route]!;
    return limits[Math.min(limits.length - 1, Math.max(0, Math.floor(atM / STEP_M)))]!;
  }

  /** Where `atM` of route `of` lies on route `on`; NaN if it does not. */
  place(on: number, of: number, atM: number): number {
    if (on === of) return atM;
    const places = this.#shared[on]![of];
    if (!places) return NaN;
    // Beyond their ends routes go on as they were there.
    const index = Math.min(places.length - 1, Math.max(0, Math.floor(atM / STEP_M)));
    return places[index]! + (atM - index * STEP_M);
  }

  /** Whether two routes ever run together. */
  meet(on: number, of: number): boolean {
    return on === of || this.#shared[on]![of] !== null;
  }
}

function speedLimits(path: Path): Float64Array {
  const count = Math.ceil(path.lengthM / STEP_M) + 1;
  const limits = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const span = 4;
    const before = path.at(Math.max(0, i * STEP_M - span)).headingRad;
    const after = path.at(Math.min(path.lengthM, i * STEP_M + span)).headingRad;
    const turn = Math.abs(Math.atan2(Math.sin(after - before), Math.cos(after - before)));
    limits[i] = Math.sqrt(SIDEWAYS_M_S2 / Math.max(turn / (2 * span), 1e-6));
  }
  for (let i = count - 2; i >= 0; i--) {
    const reachable = Math.sqrt(limits[i + 1]! ** 2 + 2 * EASY_BRAKING_M_S2 * STEP_M);
    limits[i] = Math.min(limits[i]!, reachable);
  }
  return limits;
}

function sharedPlaces(on: Path, of: Path): Float64Array | null {
  const onPoses = Array.from({ length: Math.ceil(on.lengthM / STEP_M) + 1 }, (_, i) => on.at(i * STEP_M));
  const count = Math.ceil(of.lengthM / STEP_M) + 1;
  const places = new Float64Array(count).fill(NaN);
  for (let i = 0; i < count; i++) {
    const pose = of.at(i * STEP_M);
    let nearest = SHARED_WITHIN_M;
    onPoses.forEach((other, k) => {
      if (Math.abs(other.x - pose.x) > nearest || Math.abs(other.y - pose.y) > nearest) return;
      const distance = Math.hypot(other.x - pose.x, other.y - pose.y);
      if (distance >= nearest || Math.cos(other.headingRad - pose.headingRad) < SHARED_COSINE) return;
      nearest = distance;
      const along = (pose.x - other.x) * Math.cos(other.headingRad) + (pose.y - other.y) * Math.sin(other.headingRad);
      places[i] = k * STEP_M + along;
    });
  }
  return places.every(Number.isNaN) ? null : places;
}
