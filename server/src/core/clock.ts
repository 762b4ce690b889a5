/** Clocks and randomness are passed in, so that tests can turn the hands. */
export interface Clock {
  /** Milliseconds of a monotonic clock that all threads of the process share. */
  nowMs(): number;
  /** Runs `callback` after `delayMs`; the returned function cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}
