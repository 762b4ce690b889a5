import { LanecastError } from '../core/errors.js';
import { redactText } from '../core/redact.js';

/**
 * Runs a program and ends the process: 0 when it is done, 1 with one clear line for a LanecastError, 1 with the stack
 * for anything else (which is a defect of ours).
 */
export async function exitOnError(name: string, program: () => Promise<void>): Promise<never> {
  try {
    await program();
    process.exit(0);
  } catch (error) {
    if (error instanceof LanecastError) process.stderr.write(`${name}: ${redactText(error.message)}\n`);
    else
      process.stderr.write(
        `${name}: ${redactText(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`,
      );
    process.exit(1);
  }
}
