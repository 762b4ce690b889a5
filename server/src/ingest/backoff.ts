/** How long to wait before the next attempt to connect. */
export interface BackoffOptions {
  minMs: number;
  maxMs: number;
  /** 0..1 */
  random: () => number;
}

/** Reasons that trying again will not mend by itself: somebody must act. They are tried at the longest interval. */
const NEEDS_A_PERSON: ReadonlySet<string> = new Set([
  'rtsp-unauthorised',
  'unsupported-codec',
  'picture-too-large',
  'no-video',
  'bad-url',
]);

/** True for reasons that somebody must act on; the stream's state is `failed`, not `backoff`. */
export function needsAPerson(code: string): boolean {
  return NEEDS_A_PERSON.has(code);
}

/**
 * Capped exponential back-off with "equal jitter": half of each interval is fixed, half random, so that cameras that
 * died together do not return together. Never gives up.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** The stream delivered pictures: begin again at the shortest interval. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** Milliseconds to wait after an attempt that ended with this reason. */
  nextDelayMs(code: string): number {
    const { minMs, maxMs, random } = this.#options;
    const exponent = Math.min(this.#failures++, 30);
    const interval = needsAPerson(code) ? maxMs : Math.min(maxMs, minMs * 2 ** exponent);
    return interval / 2 + (interval / 2) * random();
  }
}
