import { exitNow } from '@lanecast/native';
import { LanecastError } from '../core/errors.js';
import { redactText } from '../core/redact.js';

let unwinds = true;

/**
 * From now on the process may only end as it stands: something in it would abort if it were cleaned up, or never come to
 * an end.
 */
export function endWithoutUnwinding(): void {
  unwinds = false;
}

let flush: () => void = () => undefined;

/** What has to be done before an end without exit handlers, at once: the last lines of the log are written. */
export function beforeAbruptEnd(work: () => void): void {
  flush = work;
}

function endProcess(code: number): never {
  if (unwinds) process.exit(code);
  try {
    flush();
  } catch {
    // Nobody reads the log any more.
  }
  exitNow(code);
}

/**
 * Runs a program and ends the process: 0 when it is done, 1 with one clear line for a LanecastError, 1 with the stack
 * for anything else (which is a defect of ours).
 */
export async function exitOnError(name: string, program: () => Promise<void>): Promise<never> {
  try {
    await program();
    endProcess(0);
  } catch (error) {
    if (error instanceof LanecastError) process.stderr.write(`${name}: ${redactText(error.message)}\n`);
    else
      process.stderr.write(
        `${name}: ${redactText(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`,
      );
    endProcess(1);
  }
}
