import { readFileSync } from 'node:fs';

/** What the kernel counts of a process. */
export interface ProcessStat {
  pid: number;
  /** When it began, in clock ticks since the machine started: with the pid it names a process for good. */
  startTicks: number;
  /** CPU time of all its threads, in clock ticks. */
  cpuTicks: number;
  residentBytes: number;
}

/** What Linux shows in /proc is in hundredths of a second, whatever the kernel itself ticks with (USER_HZ, time(7)). */
export const TICKS_PER_S = 100;

/** Parses `/proc/PID/stat` and `/proc/PID/status` (proc(5)). Null if they are no such texts, or of a dead process. */
export function parseProcessStat(text: string, status: string): ProcessStat | null {
  // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
  const nameEnd = text.lastIndexOf(')');
  if (nameEnd < 0) return null;
  const pid = Number.parseInt(text, 10);
  const fields = text.slice(nameEnd + 2).split(' ');
  const [utime, stime, startTicks] = [11, 12, 19].map((at) => Number(fields[at]));
  // Unlike the pages in `stat`, these do not depend on how large a page is.
  const residentKib = Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1]);
  const numbers = [pid, utime, stime, startTicks, residentKib];
  if (numbers.some((value) => value === undefined || !Number.isFinite(value))) return null;
  const state = fields[0];
  // A zombie is dead; nobody has asked for its exit status yet.
  if (state === 'Z' || state === 'X') return null;
  return { pid, startTicks: startTicks!, cpuTicks: utime! + stime!, residentBytes: residentKib * 1024 };
}

/** Null: there is no such process (any more), or not on this kind of system. */
export function readProcessStat(pid: number): ProcessStat | null {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8'), readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return null;
  }
}
