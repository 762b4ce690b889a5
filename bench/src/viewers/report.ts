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

/** What the server holds when all viewers of a wave have left. */
export interface ChurnSample {
  minute: number;
  /** Viewers so far. */
  joined: number;
  rssMiB: number;
  heapMiB: number;
  descriptors: number;
  /** Of the main thread, and of the media worker (null where there is none). */
  sockets: number;
  timers: number;
  mediaSockets: number | null;
  mediaTimers: number | null;
  peers: number;
  sessions: number;
  unhandledRejections: number;
}

export interface ChurnReport {
  bench: 'viewers-churn';
  date: string;
  machine: Machine;
  streams: number;
  churn: {
    engine: Engine;
    place: Place;
    /** At a time. */
    viewers: number;
    minutes: number;
    joined: number;
    samples: ChurnSample[];
    /** Growth of the process' memory for each viewer that came and left, after the warm-up. */
    rssKiBPerViewer: number;
    rssKiBPerViewerUpper95: number;
    /** Peer connections that were there when all had left. */
    peersLeft: number;
    descriptorsGrown: number;
    /** Sockets and timers of all threads. */
    socketsGrown: number;
    timersGrown: number;
  };
}
