/** What is sampled, and which of it is judged. */

/** One look at the server; memory in MiB. */
export interface MemorySample {
  /** Since the measuring began; negative: warm-up. */
  timeS: number;
  rss: number;
  /** Of it what is no file: heaps, stacks, buffers. */
  rssAnonymous: number;
  heapUsed: number;
  heapTotal: number;
  external: number;
  arrayBuffers: number;
  /** Of the whole process. */
  descriptors: number;
  threads: number;
  /** What the main thread's event loop holds, without timers; and timers. */
  handles: number;
  timers: number;
  /** Processor time over real time since the last look: 1 is one core. */
  cpu: number;
  viewers: number;
  liveStreams: number;
  /** Clients, sessions and peers that the server counts. */
  guests: number;
  /** At rest, and every thread has just collected its garbage. */
  collected: boolean;
  /** Nobody watches, nobody has for some seconds, and every camera is live. */
  atRest: boolean;
}

/** What may not grow from rest to rest. */
export const COUNTED = ['descriptors', 'threads', 'handles', 'timers', 'guests'] as const;
export type Counted = (typeof COUNTED)[number];
