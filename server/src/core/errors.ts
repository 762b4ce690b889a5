/**
 * Base of every error that Lanecast raises on purpose. `code` is stable (it is what an API answer and a test name);
 * the message says what was tried, on what, and what to do about it. Never put a credential into a message.
 */
export class LanecastError extends Error {
  override readonly name: string = 'LanecastError';
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
