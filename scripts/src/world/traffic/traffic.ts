/** The traffic of a clip: who is where at each frame; either a seamless loop or one long stretch. */
import { LanecastError } from '@lanecast/server/core/errors';
import { normal, seededRandom } from '@lanecast/server/core/random';
import type { World } from '../scenes/world.js';
import { type VehicleModel } from '../vehicles/catalogue.js';
import { chooseLivery, chooseModel } from '../vehicles/choice.js';
import { posesOnPath, type PlacedVehicle } from '../vehicles/placed.js';
import type { DriverTraits } from './driver.js';
import { RoadMap } from './road-map.js';
import { FPS, Simulation, type Arrival, type Passage } from './simulation.js';
import { parkedVehicles } from './snapshot.js';

/** Traffic has settled when every passage repeats that of the period before to within this. */
const SETTLED_M = 0.02;
const MOST_PERIODS = 14;
const MOST_TRIES = 12;
const WARM_UP_S = 60;

/** A vehicle in one frame. `lap`: how many loops ago it entered (0 in a clip that does not loop). */
export interface TrafficVehicle extends PlacedVehicle {
  /** Number of the vehicle in its clip, from 1. */
  vehicle: number;
  lap: number;
}

export class Traffic {
  readonly frameCount: number;
  /** The largest `lap` that occurs. */
  readonly mostLaps: number;
  readonly #world: World;
  readonly #passages: readonly Passage[];
  readonly #parked: readonly PlacedVehicle[];
  readonly #loops: boolean;

  constructor(
    world: World,
    passages: readonly Passage[],
    parked: readonly PlacedVehicle[],
    frameCount: number,
    loops: boolean,
  ) {
    this.#world = world;
    this.#passages = passages;
    this.#parked = parked;
    this.frameCount = frameCount;
    this.#loops = loops;
    const laps = passages.map((p) => Math.floor((p.enteredFrame + p.distancesM.length - 1) / frameCount));
    this.mostLaps = loops ? Math.max(0, ...laps) : 0;
  }

  /** Models by vehicle number less one; parked ones come last. */
  get models(): { model: VehicleModel; parked: boolean }[] {
    return [
      ...this.#passages.map(({ arrival }) => ({ model: arrival.model, parked: false })),
      ...this.#parked.map(({ model }) => ({ model, parked: true })),
    ];
  }

  /** All vehicles of a frame, in sight or not. `id` is unique within the frame. */
  at(frame: number): TrafficVehicle[] {
    const vehicles: TrafficVehicle[] = [];
    this.#passages.forEach((passage, index) => {
      for (let lap = 0; lap <= this.mostLaps; lap++) {
        const age = frame + lap * this.frameCount - passage.enteredFrame;
        if (age < 0 || age >= passage.distancesM.length) continue;
        const { arrival } = passage;
        vehicles.push({
          id: vehicles.length,
          vehicle: index + 1,
          lap,
          model: arrival.model,
          livery: arrival.livery,
          parts: posesOnPath(arrival.model, this.#world.routes[arrival.route]!.path, passage.distancesM[age]!),
          speedKmh: passage.speedsMps[age]! * 3.6,
          braking: passage.braking[age]!,
        });
      }
    });
    this.#parked.forEach((parked, k) =>
      vehicles.push({ ...parked, id: vehicles.length, vehicle: this.#passages.length + 1 + k, lap: 0 }),
    );
    return vehicles;
  }

  get loops(): boolean {
    return this.#loops;
  }
}

/**
 * Traffic that repeats after `periodS` without a seam: the same vehicles arrive in every period until all passages
 * repeat; from then on one passage of each is the whole story.
 * @throws LanecastError `world-unsettled` if no schedule from this seed comes to rest.
 */
export function loopingTraffic(world: World, periodS: number, seed: number): Traffic {
  const map = new RoadMap(world.routes);
  const frameCount = Math.round(periodS * FPS);
  for (let attempt = 0; attempt < MOST_TRIES; attempt++) {
    const random = seededRandom(seed * 7919 + attempt * 104_729 + 17);
    // A schedule that does not settle is too dense: thin it out.
    const schedule = arrivals(world, random, 0, frameCount, 1 - 0.04 * attempt);
    const passages = settle(world, periodS, map, schedule, frameCount);
    if (passages) return new Traffic(world, passages, parkedVehicles(world, random), frameCount, true);
  }
  throw new LanecastError(
    'world-unsettled',
    `The traffic of seed ${seed} does not settle into a loop of ${periodS} s in ${MOST_TRIES} tries. Take another seed.`,
  );
}

/** Traffic for `durationS`, after a warm-up; it does not repeat. */
export function longTraffic(world: World, periodS: number, durationS: number, seed: number): Traffic {
  const random = seededRandom(seed * 7919 + 5);
  const first = -WARM_UP_S * FPS;
  const frameCount = Math.round(durationS * FPS);
  const simulation = new Simulation(world, periodS, new RoadMap(world.routes), first);
  const schedule = arrivals(world, random, first, frameCount, 1);
  for (let frame = first, next = 0; frame < frameCount; frame++) {
    const due: Arrival[] = [];
    while (next < schedule.length && schedule[next]!.frame <= frame) due.push(schedule[next++]!);
    simulation.step(due);
  }
  return new Traffic(world, simulation.passages, parkedVehicles(world, random), frameCount, false);
}

/** Vehicles evenly spread over the time, with some disorder, for each route; sorted by frame. */
function arrivals(world: World, random: () => number, from: number, to: number, share: number): Arrival[] {
  const schedule: Arrival[] = [];
  world.routes.forEach((route, index) => {
    const expected = ((to - from) / FPS / 3600) * route.vehiclesPerHour * share;
    const count = Math.floor(expected + random());
    const phase = random();
    for (let k = 0; k < count; k++) {
      const model = chooseModel(route.mix, random, route.longestM);
      const place = (k + phase + 0.55 * (random() - 0.5)) / count;
      schedule.push({
        route: index,
        frame: from + Math.floor((((place % 1) + 1) % 1) * (to - from)),
        model,
        livery: chooseLivery(model, random),
        traits: traits(model, route.speedKmh, random),
      });
    }
  });
  return schedule.sort((a, b) => a.frame - b.frame || a.route - b.route);
}

function traits(model: VehicleModel, speedKmh: number, random: () => number): DriverTraits {
  const heavy = model.class === 'truck' || model.class === 'bus';
  const desiredKmh = speedKmh * (1 + 0.055 * Math.max(-2, Math.min(2, normal(random))));
  return {
    desiredMps: Math.min(desiredKmh, heavy ? 88 : Infinity) / 3.6,
    acceleration: heavy ? 0.9 : 1.5 + 0.5 * random(),
    comfortableBraking: 2,
    headwayS: heavy ? 1.5 : 1 + 0.5 * random(),
    standstillM: 2 + 0.8 * random(),
  };
}

function settle(
  world: World,
  periodS: number,
  map: RoadMap,
  schedule: readonly Arrival[],
  frameCount: number,
): Passage[] | null {
  const simulation = new Simulation(world, periodS, map, 0);
  const byArrival = new Map<Arrival, Passage[]>(schedule.map((arrival) => [arrival, []]));
  let filed = 0;
  for (let period = 0; period < MOST_PERIODS; period++) {
    let next = 0;
    for (let frame = 0; frame < frameCount; frame++) {
      const due: Arrival[] = [];
      while (next < schedule.length && schedule[next]!.frame <= frame) due.push(schedule[next++]!);
      simulation.step(due);
    }
    for (; filed < simulation.passages.length; filed++) {
      const passage = simulation.passages[filed]!;
      byArrival.get(passage.arrival)!.push(passage);
    }
    const settled = [...byArrival.values()].map((passages) => repeated(passages, frameCount));
    if (settled.every((passage) => passage !== null)) return settled.map((passage) => onePeriod(passage, frameCount));
  }
  return null;
}

/** The last finished passage if it repeats the one before. */
function repeated(passages: readonly Passage[], frameCount: number): Passage | null {
  const finished = passages.filter((passage) => passage.finished);
  const [before, last] = finished.slice(-2);
  if (!before || !last) return null;
  if (last.enteredFrame - before.enteredFrame !== frameCount) return null;
  if (last.distancesM.length !== before.distancesM.length) return null;
  const apart = last.distancesM.some((distance, k) => Math.abs(distance - before.distancesM[k]!) > SETTLED_M);
  return apart ? null : last;
}

function onePeriod(passage: Passage, frameCount: number): Passage {
  return { ...passage, enteredFrame: passage.enteredFrame % frameCount };
}
