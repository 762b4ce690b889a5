/** Processes that must not outlive a bench which is told to end. */
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const children = new Set<ChildProcess>();

/** Ends `child` as well when a signal ends this process. */
export function endWithUs(child: ChildProcess): void {
  if (children.size === 0) for (const signal of SIGNALS) process.once(signal, endAll);
  children.add(child);
  child.once('exit', () => {
    children.delete(child);
    if (children.size === 0) for (const signal of SIGNALS) process.off(signal, endAll);
  });
}

function endAll(signal: NodeJS.Signals): never {
  for (const child of children) child.kill('SIGTERM');
  process.exit(128 + constants.signals[signal]);
}
