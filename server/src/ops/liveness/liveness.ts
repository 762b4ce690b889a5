import type { Clock } from '../../core/clock.js';
import type { Log } from '../../core/log.js';
import type { StageSign } from '../../core/pulse.js';
import { LivenessPolicy, type StageHealth } from './liveness-policy.js';

const LOOK_EVERY_MS = 1000;

/**
 * Looks at the stages once a second. It is what `/healthz` answers by and what the service manager's watchdog is fed
 * by, so that both always mean the same. That it looks at all shows that the main thread's event loop turns.
 */
export class Liveness {
  readonly #policy: LivenessPolicy;
  readonly #clock: Clock;
  readonly #signs: () => StageSign[];
  readonly #log: Log;
  readonly #listeners = new Set<(reason: string | null) => void>();
  #cancel: (() => void) | null;
  #reason: string | null = null;

  constructor(signs: () => StageSign[], clock: Clock, log: Log, policy = new LivenessPolicy()) {
    this.#signs = signs;
    this.#clock = clock;
    this.#log = log;
    this.#policy = policy;
    this.#cancel = clock.after(LOOK_EVERY_MS, () => this.#look());
  }

  /** Null if every stage that has input makes progress, else which does not, and for how long. */
  reasonNotAlive(): string | null {
    return this.#reason;
  }

  stages(): StageHealth[] {
    return this.#policy.health();
  }

  /** Called with `reasonNotAlive()` after each look; returns the unsubscriber. */
  onLook(listener: (reason: string | null) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** May be called twice. */
  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#listeners.clear();
  }

  #look(): void {
    this.#cancel = this.#clock.after(LOOK_EVERY_MS, () => this.#look());
    const stuck = this.#policy.observe(this.#clock.nowMs(), this.#signs()).filter(({ alive }) => !alive);
    const was = this.#reason;
    this.#reason =
      stuck.length === 0
        ? null
        : stuck
            .map(
              ({ name, stalledMs }) => `the ${name} has had work for ${Math.round(stalledMs / 1000)} s and does none`,
            )
            .join('; ');
    if (this.#reason !== null && was === null)
      this.#log.warn({ code: 'not-alive' }, `not alive: ${this.#reason}; a service manager would restart this process`);
    if (this.#reason === null && was !== null) this.#log.info({ code: 'alive' }, 'every stage is at work again');
    for (const listener of this.#listeners) listener(this.#reason);
  }
}
