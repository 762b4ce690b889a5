import type { Machine } from '../machine.js';
import type { Engine, Place } from './media-places.js';

/** One engine in one place with so many viewers, over some seconds. */
export interface ViewersRow {
  engine: Engine;
  place: Place;
  viewers: number;
  seconds: number;
  /** Of the server's process, milliseconds of processor a second: all of it, and its media thread. */
  cpuMsPerS: number;
  mediaCpuMsPerS: number | null;
  /** Of the main thread. */
  loopDelayP99Ms: number;
  /** What each viewer got, on average. */
  packetsPerS: number;
  megabitsPerS: number;
  tracksPerS: number;
  /** Packets that a viewer missed, the worst of them, in the measured time; and while it joined. */
  missing: number;
  missingWhileJoining: number;
}

export interface ViewersReport {
  bench: 'viewers';
  date: string;
  machine: Machine;
  loadAverage: { before: number; after: number };
  streams: number;
  rows: ViewersRow[];
}
