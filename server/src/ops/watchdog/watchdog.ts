import type { Clock } from '../../core/clock.js';
import type { Log } from '../../core/log.js';
import { TICKS_PER_S } from '../process-stat.js';
import { probeHealth } from './health-probe.js';
import type { WatchOptions } from './options.js';
import { type Sample, type WatchAction, WatchPolicy } from './watch-policy.js';
import { findProcess, signalProcess, statOf, type WatchedProcess } from './watched-process.js';

/** A health answer later than this is none. */
const HEALTH_TIMEOUT_MS = 3000;

/** Samples one process again and again and does what the policy says, until `close` (or, by `--pid`, until it ends). */
export class Watchdog {
  /** Settles when there is nothing more to watch. */
  readonly finished: Promise<void>;
  /** Called after each look. */
  onLook: () => void = () => undefined;
  readonly #options: WatchOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #policy: WatchPolicy;
  #finish: () => void = () => undefined;
  #known: WatchedProcess | null = null;
  #cpu: { ticks: number; atMs: number } | null = null;
  #cancel: (() => void) | null = null;
  #closed = false;

  constructor(options: WatchOptions, clock: Clock, log: Log) {
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
    this.#policy = new WatchPolicy(options.limits);
    this.finished = new Promise((resolve) => (this.#finish = resolve));
    void this.#look();
  }

  /** May be called twice. */
  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#finish();
  }

  async #look(): Promise<void> {
    const { target, healthUrl, intervalMs } = this.#options;
    const found = findProcess(target, this.#known);
    if (found?.pid !== this.#known?.pid || found?.startTicks !== this.#known?.startTicks) this.#cpu = null;
    this.#known = found;
    const healthy = found && healthUrl !== null ? await probeHealth(healthUrl, HEALTH_TIMEOUT_MS) : null;
    if (this.#closed) return;
    // Only now: it may have ended while its health was asked for.
    const now = this.#clock.nowMs();
    for (const action of this.#policy.observe(now, this.#sample(found, healthy, now))) this.#do(action);
    this.onLook();
    if (target.kind === 'pid' && !found) this.close();
    else this.#cancel = this.#clock.after(intervalMs, () => void this.#look());
  }

  #sample(found: WatchedProcess | null, healthy: boolean | null, nowMs: number): Sample {
    const stat = found && statOf(found);
    if (!stat) return { process: null, rssBytes: 0, cpuPercent: null, healthy: null };
    const before = this.#cpu;
    this.#cpu = { ticks: stat.cpuTicks, atMs: nowMs };
    const passedS = before ? (nowMs - before.atMs) / 1000 : 0;
    return {
      process: `${stat.pid}@${stat.startTicks}`,
      rssBytes: stat.residentBytes,
      cpuPercent: before && passedS > 0 ? (100 * (stat.cpuTicks - before.ticks)) / TICKS_PER_S / passedS : null,
      healthy,
    };
  }

  #do(action: WatchAction): void {
    const fields = { pid: this.#known?.pid };
    if (action.kind !== 'signal') {
      if (action.kind === 'warn') this.#log.warn(fields, action.text);
      else this.#log.info(fields, action.text);
      return;
    }
    const failed = this.#known ? signalProcess(this.#known, action.signal) : 'it has ended by itself';
    const outcome = failed === null ? `sent ${action.signal}` : `${action.signal} was not sent: ${failed}`;
    this.#log.warn({ ...fields, signal: action.signal }, `${action.text}: ${outcome}`);
  }
}
