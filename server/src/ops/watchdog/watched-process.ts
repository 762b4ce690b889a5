import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { messageOf } from '../../core/errors.js';
import { readPidFile } from '../pid-file.js';
import { type ProcessStat, readProcessStat, TICKS_PER_S } from '../process-stat.js';

/** A process for good: pids are used again, beginnings are not. */
export interface WatchedProcess {
  pid: number;
  startTicks: number;
}

/** Where the watchdog finds whom to watch. */
export type Target = { kind: 'pid'; pid: number } | { kind: 'pid-file'; path: string } | { kind: 'unit'; unit: string };

/** `systemctl` answers in milliseconds, or the machine has other troubles. */
const SYSTEMCTL_TIMEOUT_MS = 5000;

/** Finds the process to watch now; null: there is none. `known`: the one of before, which is kept while it lives. */
export function findProcess(target: Target, known: WatchedProcess | null): WatchedProcess | null {
  switch (target.kind) {
    case 'pid':
      // Only ever the process that had this pid at first.
      return known ? alive(known) : identify(target.pid);
    case 'pid-file':
      return fromPidFile(target.path);
    case 'unit':
      return (known && alive(known)) ?? identify(mainPid(target.unit));
  }
}

/** Null if it has ended, whoever may have its pid now. */
export function alive(known: WatchedProcess): WatchedProcess | null {
  return statOf(known) ? known : null;
}

/** What the kernel counts of it; null if it has ended. */
export function statOf({ pid, startTicks }: WatchedProcess): ProcessStat | null {
  const stat = readProcessStat(pid);
  return stat?.startTicks === startTicks ? stat : null;
}

/**
 * Sends a signal to exactly this process; null, or why it could not. A process that has ended gets none, nor does the
 * one that has its pid now: who it is is looked at again immediately before.
 */
export function signalProcess(known: WatchedProcess, signal: 'SIGTERM' | 'SIGKILL'): string | null {
  if (known.pid < 2 || known.pid === process.pid) return `${known.pid} is nobody to signal`;
  if (!alive(known)) return 'it has ended by itself';
  try {
    process.kill(known.pid, signal);
    return null;
  } catch (error) {
    return `${messageOf(error)}; run the watchdog as the same user, or as root`;
  }
}

function identify(pid: number | null): WatchedProcess | null {
  const stat = pid === null || pid < 2 || pid === process.pid ? null : readProcessStat(pid);
  return stat && { pid: stat.pid, startTicks: stat.startTicks };
}

function fromPidFile(path: string): WatchedProcess | null {
  const named = readPidFile(path);
  const found = named && identify(named.pid);
  if (!found) return null;
  if (named.startTicks !== null) return named.startTicks === found.startTicks ? found : null;
  // The file of a program that writes only a pid: it must be younger than the process, else the pid is another's now.
  return wroteAfterStart(path, found) ? found : null;
}

function wroteAfterStart(path: string, { startTicks }: WatchedProcess): boolean {
  try {
    const bootS = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]);
    // `btime` is in whole seconds.
    return statSync(path).mtimeMs / 1000 >= bootS + startTicks / TICKS_PER_S - 1;
  } catch {
    return false;
  }
}

function mainPid(unit: string): number | null {
  try {
    const args = ['show', '--property=MainPID', '--value', '--', unit];
    return (
      Number(
        execFileSync('systemctl', args, {
          encoding: 'utf8',
          timeout: SYSTEMCTL_TIMEOUT_MS,
          stdio: ['ignore', 'pipe', 'ignore'],
        }),
      ) || null
    );
  } catch {
    return null;
  }
}
