import { setTimeout } from 'node:timers/promises';
import { LanecastError } from '../core/errors.js';
import { redactText } from '../core/redact.js';

let abruptExit: ((code: number) => never) | null = null;

/**
 * From now on the process may only end as it stands, by `exit`: something in it would abort if it were cleaned up, or
 * never come to an end.
 */
export function endWithoutUnwinding(exit: (code: number) => never): void {
  abruptExit = exit;
}

/** A log that nobody reads holds nothing up. */
const MAX_FLUSH_MS = 500;

let flush = (): Promise<void> => Promise.resolve();

/** What has to be done before an end without exit handlers: the last lines of the log are written. */
export function beforeAbruptEnd(work: () => Promise<void>): void {
  flush = work;
}

async function endProcess(code: number): Promise<never> {
  if (abruptExit === null) process.exit(code);
  await Promise.race([flush().catch(() => undefined), setTimeout(MAX_FLUSH_MS)]);
  return abruptExit(code);
}

/**
 * Runs a program and ends the process: 0 when it is done, 1 with one clear line for a LanecastError, 1 with the stack
 * for anything else (which is a defect of ours).
 */
export async function exitOnError(name: string, program: () => Promise<void>): Promise<never> {
  try {
    await program();
  } catch (error) {
    if (error instanceof LanecastError) process.stderr.write(`${name}: ${redactText(error.message)}\n`);
    else
      process.stderr.write(
        `${name}: ${redactText(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`,
      );
    return endProcess(1);
  }
  return endProcess(0);
}
