import { type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { MediaLoad } from './load-gate.js';

const RESOLUTION_MS = 10;

/** Measures the event loop of the thread that it is made in, from one reading to the next. */
export class LoadMeter {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #before: EventLoopUtilization = performance.eventLoopUtilization();

  constructor() {
    this.#delay.enable();
  }

  /** Since the last call. */
  read(): MediaLoad {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#before);
    this.#before = now;
    const p99Ms = this.#delay.count > 0 ? this.#delay.percentile(99) / 1e6 : 0;
    this.#delay.reset();
    return { delayP99Ms: Math.max(0, p99Ms - RESOLUTION_MS), utilization };
  }

  /** May be called twice. */
  close(): void {
    this.#delay.disable();
  }
}
