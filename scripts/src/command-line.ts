/** What the commands here have in common. */
import { InvalidArgumentError } from 'commander';
import { messageOf } from '@lanecast/server/core/errors';
import { redactText } from '@lanecast/server/core/redact';

/** Parses an option that is a whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** Timers of Node hold no more milliseconds than fit into 31 bits; beyond them they fire at once. */
const MAX_SECONDS = 2_147_483;

/** Parses an option that is a time in seconds, above zero and as long as a timer can wait (24 days). */
export function secondsFlag(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (value > 0 && value <= MAX_SECONDS) return value;
  throw new InvalidArgumentError(`It must be a number of seconds, above 0 and at most ${MAX_SECONDS}.`);
}

/** Runs a command; what it throws becomes one line on stderr and exit status 1. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    process.stderr.write(`error: ${redactText(messageOf(error))}\n`);
    process.exitCode = 1;
  }
}

/** Resolves at the first SIGINT, SIGTERM or SIGHUP. A second one ends the process at once. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve);
  });
}
