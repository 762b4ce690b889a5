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

export interface Held {
  rssMiB: number;
  heapMiB: number;
  descriptors: number;
  sockets: number;
  timers: number;
}

/** What this process holds now. */
export function held(): Held {
  // With --expose-gc: garbage is not held.
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  return {
    rssMiB: rss / 2 ** 20,
    heapMiB: heapUsed / 2 ** 20,
    descriptors: readdirSync('/proc/self/fd').length,
    sockets: resources.filter((name) => /TCP|UDP/.test(name)).length,
    timers: resources.filter((name) => name === 'Timeout').length,
  };
}
