import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts a thread's processor time in hundredths of a second everywhere that Linux runs on servers. */
const MS_PER_TICK = 10;

/** Processor time of a thread of this process so far, from the text of its `/proc/self/task/N/stat` (proc(5)). */
export function threadCpuMs(stat: string): number {
  // The name before it may hold anything, spaces and brackets too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

export function readThreadCpuMs(thread: number): number {
  return threadCpuMs(readFileSync(`/proc/self/task/${thread}/stat`, 'utf8'));
}

/** Sockets, and timers that keep a thread alive. */
export interface ActiveResources {
  sockets: number;
  timers: number;
}

/** Of this thread. */
export function activeResources(): ActiveResources {
  const names = process.getActiveResourcesInfo();
  return {
    sockets: names.filter((name) => /TCP|UDP/.test(name)).length,
    timers: names.filter((name) => name === 'Timeout').length,
  };
}

export interface Held extends ActiveResources {
  rssMiB: number;
  heapMiB: number;
  descriptors: number;
}

/** What this process holds now; sockets and timers are the main thread's. */
export function held(): Held {
  // With --expose-gc: garbage is not held.
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return {
    rssMiB: rss / 2 ** 20,
    heapMiB: heapUsed / 2 ** 20,
    descriptors: readdirSync('/proc/self/fd').length,
    ...activeResources(),
  };
}
