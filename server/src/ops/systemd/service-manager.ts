import type { Clock } from '../../core/clock.js';
import type { Log } from '../../core/log.js';
import type { Notifier } from './notifier.js';

/** While it starts, the manager is asked this often for this much more time. */
const EXTEND_EVERY_MS = 10_000;
const EXTEND_BY_MS = 30_000;
/** A start that takes longer than this hangs. */
const MAX_START_MS = 15 * 60_000;
const STATUS_EVERY_MS = 5000;
/** Pings in each period of the watchdog: two may be late before it bites. */
const PINGS_PER_PERIOD = 3;

/**
 * What this process tells its service manager (sd_notify(3)). Without one, every call does nothing. The order is:
 * `starting`, `ready`, then `alive` and `status` again and again, `reload` at times, `stopping`.
 */
export class ServiceManager {
  readonly #notify: Notifier;
  readonly #clock: Clock;
  /** Null: the manager's watchdog is off. */
  readonly watchdogMs: number | null;
  #cancelExtend: (() => void) | null = null;
  #pingedAtMs = -Infinity;
  #status = '';
  #statusAtMs = -Infinity;
  #phase: 'starting' | 'ready' | 'stopping' = 'starting';

  /** `environment`: WATCHDOG_USEC and WATCHDOG_PID are read (sd_watchdog_enabled(3)). `pid`: this process's. */
  constructor(notify: Notifier | null, environment: NodeJS.ProcessEnv, pid: number, clock: Clock, log: Log) {
    this.#notify = notify ?? (() => undefined);
    this.#clock = clock;
    this.watchdogMs = notify ? watchdogMs(environment, pid) : null;
    if (this.watchdogMs !== null && this.watchdogMs < 4000)
      log.warn(
        { code: 'watchdog-short' },
        `WatchdogSec is ${this.watchdogMs / 1000} s, but health is looked at once a second: set 10 s`,
      );
  }

  /** A model that is loaded, a GPU that wakes: the manager waits for them as long as the event loop turns. */
  starting(status: string): void {
    this.#notify([`STATUS=${status}`]);
    const startedAtMs = this.#clock.nowMs();
    const extend = (): void => {
      if (this.#phase !== 'starting' || this.#clock.nowMs() - startedAtMs > MAX_START_MS) return;
      this.#notify([`EXTEND_TIMEOUT_USEC=${EXTEND_BY_MS * 1000}`]);
      this.#cancelExtend = this.#clock.after(EXTEND_EVERY_MS, extend);
    };
    extend();
  }

  /** It listens. */
  ready(status: string): void {
    this.#cancelExtend?.();
    this.#phase = 'ready';
    this.#say(['READY=1'], status);
  }

  /** Call it while all is well, as often as you like: it feeds the watchdog when that is due. */
  alive(): void {
    if (this.watchdogMs === null || this.#phase !== 'ready') return;
    const now = this.#clock.nowMs();
    // A look comes a little early or late: what is nearly due is done now.
    if (now - this.#pingedAtMs < this.watchdogMs / PINGS_PER_PERIOD - 500) return;
    this.#pingedAtMs = now;
    this.#notify(['WATCHDOG=1']);
  }

  /** One line for `systemctl status`; sent when it changed, every five seconds at most. */
  status(status: string): void {
    if (this.#phase !== 'ready' || status === this.#status) return;
    if (this.#clock.nowMs() - this.#statusAtMs >= STATUS_EVERY_MS) this.#say([], status);
  }

  /** Takes a new configuration: the manager waits until `work` has settled, and is told that all goes on. */
  async reload<T>(work: () => Promise<T>): Promise<T> {
    // Type=notify-reload wants the time, to match it with its SIGHUP.
    this.#notify(['RELOADING=1', `MONOTONIC_USEC=${Math.round(this.#clock.nowMs() * 1000)}`]);
    try {
      return await work();
    } finally {
      if (this.#phase === 'ready') this.#notify(['READY=1']);
    }
  }

  /** It ends; nothing is told afterwards. */
  stopping(): void {
    if (this.#phase === 'stopping') return;
    this.#cancelExtend?.();
    this.#phase = 'stopping';
    this.#notify(['STOPPING=1', 'STATUS=closing']);
  }

  #say(lines: readonly string[], status: string): void {
    this.#status = status;
    this.#statusAtMs = this.#clock.nowMs();
    this.#notify([...lines, `STATUS=${status.replace(/[\r\n]+/g, ' ')}`]);
  }
}

function watchdogMs(environment: NodeJS.ProcessEnv, pid: number): number | null {
  const usec = Number(environment['WATCHDOG_USEC']);
  const forPid = environment['WATCHDOG_PID'];
  if (!Number.isFinite(usec) || usec <= 0 || (forPid && Number(forPid) !== pid)) return null;
  return usec / 1000;
}
