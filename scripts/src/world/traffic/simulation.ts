/** Vehicles on a world's routes, stepped frame by frame: following, merging, waiting at signals and yield lines. */
import type { Stop, World } from '../scenes/world.js';
import type { Livery, VehicleModel } from '../vehicles/catalogue.js';
import { acceleration, type DriverTraits } from './driver.js';
import { RoadMap } from './road-map.js';

export const FPS = 25;
const STEP_S = 1 / FPS;
/** How far drivers look ahead. */
const LOOK_M = 130;
/** A signal that turns red is passed if stopping would need more than this. */
const LATEST_BRAKING = 3.2;
/** One yields to those who are this far from where one joins them, and joining takes this long a stretch. */
const YIELD_LOOK_M = 19;
const JOINING_M = 9;
/** Brake lights come on and go off at these accelerations, m/s2. */
const BRAKE_ON = -0.7;
const BRAKE_OFF = -0.25;

/** A vehicle that is to come. */
export interface Arrival {
  /** Index of it in the world's routes. */
  route: number;
  /** Its front reaches the route's beginning at this frame, or as soon as there is room. */
  frame: number;
  model: VehicleModel;
  livery: Livery;
  traits: DriverTraits;
}

/** One passage: a number per frame since the vehicle entered. */
export interface Passage {
  arrival: Arrival;
  enteredFrame: number;
  /** Of the vehicle's middle along its route. */
  distancesM: number[];
  speedsMps: number[];
  braking: boolean[];
  finished: boolean;
}

interface Driving {
  passage: Passage;
  route: number;
  at: number;
  speed: number;
  braking: boolean;
  half: number;
}

export class Simulation {
  readonly passages: Passage[] = [];
  readonly #world: World;
  readonly #periodS: number;
  readonly #map: RoadMap;
  #driving: Driving[] = [];
  #waiting: Arrival[] = [];
  #frame: number;

  /** Signals repeat after `periodS`, counted from frame 0. */
  constructor(world: World, periodS: number, map: RoadMap, firstFrame: number) {
    this.#world = world;
    this.#periodS = periodS;
    this.#map = map;
    this.#frame = firstFrame;
  }

  /** Records the present frame, then goes on to the next. `arrivals`: those due now. */
  step(arrivals: readonly Arrival[]): void {
    this.#waiting.push(...arrivals);
    this.#waiting = this.#waiting.filter((arrival) => !this.#enter(arrival));
    const accelerations = this.#driving.map((me) => this.#acceleration(me));
    this.#driving.forEach((me, k) => {
      const a = accelerations[k]!;
      me.braking = me.braking ? a < BRAKE_OFF || me.speed < 0.2 : a < BRAKE_ON;
      if (me.speed < 0.05 && a < 0.2) me.braking = true;
      me.passage.distancesM.push(me.at);
      me.passage.speedsMps.push(me.speed);
      me.passage.braking.push(me.braking);
      const next = Math.max(0, me.speed + a * STEP_S);
      me.at += ((me.speed + next) / 2) * STEP_S;
      me.speed = next;
    });
    this.#driving = this.#driving.filter((me) => {
      const gone = me.at - me.half > this.#world.routes[me.route]!.path.lengthM;
      if (gone) me.passage.finished = true;
      return !gone;
    });
    this.#frame++;
  }

  #enter(arrival: Arrival): boolean {
    const half = arrival.model.lengthM / 2;
    const limit = this.#map.speedLimit(arrival.route, 0);
    const me: Driving = {
      passage: {
        arrival,
        enteredFrame: this.#frame,
        distancesM: [],
        speedsMps: [],
        braking: [],
        finished: false,
      },
      route: arrival.route,
      at: -half,
      speed: Math.min(arrival.traits.desiredMps, limit),
      braking: false,
      half,
    };
    const ahead = this.#ahead(me);
    if (ahead.gap < Infinity) {
      me.speed = Math.min(me.speed, ahead.speed + 1);
      if (ahead.gap < arrival.traits.standstillM + me.speed * 0.8) return false;
    }
    const taken = this.#driving.some((other) => {
      const place = this.#map.place(me.route, other.route, other.at);
      return Math.abs(place - me.at) < half + other.half + arrival.traits.standstillM;
    });
    if (taken) return false;
    this.#driving.push(me);
    this.passages.push(me.passage);
    return true;
  }

  #acceleration(me: Driving): number {
    const { traits } = me.passage.arrival;
    const front = me.at + me.half;
    const limit = this.#map.speedLimit(me.route, front);
    const { gap, speed } = this.#ahead(me);
    let a = acceleration(traits, me.speed, limit, gap, speed);
    for (const stop of this.#world.routes[me.route]!.stops ?? []) {
      const toLine = stop.atM - front;
      if (toLine < -0.3 || toLine > LOOK_M || this.#mayPass(me, stop, toLine)) continue;
      const lineTraits = { ...traits, standstillM: 0.6 };
      a = Math.min(a, acceleration(lineTraits, me.speed, limit, Math.max(0.1, toLine), 0));
    }
    return a;
  }

  #mayPass(me: Driving, stop: Stop, toLine: number): boolean {
    if (stop.green) {
      const share = ((((this.#frame * STEP_S) / this.#periodS) % 1) + 1) % 1;
      if (stop.green.some(([from, to]) => share >= from && share < to)) return true;
      return (me.speed * me.speed) / (2 * LATEST_BRAKING) > Math.max(0, toLine);
    }
    // Too far to decide: come on slowly. Too near to stop: go.
    if (toLine > 14 || (me.speed * me.speed) / (2 * 5) > Math.max(0.2, toLine)) return true;
    return !this.#driving.some((other) => other !== me && this.#isAboutToPass(me, other, stop.atM));
  }

  /** Whether another, past its own line, is or will soon be where a vehicle would join the road beyond its yield line. */
  #isAboutToPass(me: Driving, other: Driving, lineM: number): boolean {
    const ownLine = this.#world.routes[other.route]!.stops?.[0]?.atM ?? 0;
    if (!this.#map.meet(me.route, other.route) || other.at + other.half < ownLine + 1) return false;
    for (let further = -other.half; further <= YIELD_LOOK_M; further += 1.5) {
      const place = this.#map.place(me.route, other.route, other.at + further);
      if (place > lineM + 1 && place < lineM + JOINING_M) return true;
    }
    return false;
  }

  /** Free road before a vehicle, and how fast what ends it is. */
  #ahead(me: Driving): { gap: number; speed: number } {
    let gap = Infinity;
    let speed = 0;
    for (const other of this.#driving) {
      if (other === me) continue;
      const room = this.#room(me, other);
      if (room >= gap || this.#goesFirst(me, other, room)) continue;
      gap = room;
      speed = other.speed;
    }
    return { gap, speed };
  }

  /** Free road from a vehicle's front to another's rear, middle or front, whichever is on its route and nearest. */
  #room(me: Driving, other: Driving): number {
    let room = Infinity;
    if (!this.#map.meet(me.route, other.route)) return room;
    for (let k = -1; k <= 1; k++) {
      const place = this.#map.place(me.route, other.route, other.at + k * other.half);
      // Those beside or behind do not count.
      if (!(place > me.at + (other.route === me.route ? 0 : me.half * 0.5)) || place - me.at > LOOK_M) continue;
      room = Math.min(room, place - me.at - me.half);
    }
    return room;
  }

  /** Where two that stand wait for one another, the one that came first goes. */
  #goesFirst(me: Driving, other: Driving, room: number): boolean {
    if (other.route === me.route || me.speed > 0.3 || other.speed > 0.3 || room > 5) return false;
    return this.#room(other, me) < 5 && this.#driving.indexOf(me) < this.#driving.indexOf(other);
  }
}
