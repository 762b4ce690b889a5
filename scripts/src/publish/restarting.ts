/** Runs a publishing attempt again and again, with a growing wait, until it is closed. */
import type { Clock } from '@lanecast/server/core/clock';
import { redactText } from '@lanecast/server/core/redact';
import { RestartDelay } from './restart-delay.js';
import type { ClipPublisher } from './publisher.js';

/** One attempt: resolves with the reason of its end, soon after the signal at the latest; never rejects. */
export type PublishAttempt = (signal: AbortSignal) => Promise<string>;

export class RestartingPublisher implements ClipPublisher {
  restarts = 0;
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;

  constructor(attempt: PublishAttempt, what: string, clock: Clock, log: (line: string) => void) {
    this.#done = this.#run(attempt, what, clock, log);
  }

  async #run(attempt: PublishAttempt, what: string, clock: Clock, log: (line: string) => void): Promise<void> {
    const { signal } = this.#abort;
    const delay = new RestartDelay();
    while (!signal.aborted) {
      const startedMs = clock.nowMs();
      const reason = await attempt(signal);
      if (isAborted(signal)) return;
      const waitMs = delay.after(clock.nowMs() - startedMs);
      log(redactText(`${what} stopped: ${reason}; starting again in ${waitMs} ms`));
      await wait(waitMs, clock, signal);
      this.restarts++;
    }
  }

  close(): Promise<void> {
    this.#abort.abort();
    return this.#done;
  }
}

// Behind a function, since the compiler would take the loop's condition for still true.
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.after(ms, finish);
    signal.addEventListener('abort', finish);
  });
}
