/** How busy the media worker was in the half-second before, by its own measure. */
export interface MediaLoad {
  /** 99th percentile of its event loop's delay: so much later do packets leave. */
  delayP99Ms: number;
  /** Share of the time in which its event loop had work, 0..1. */
  utilization: number;
}

export interface LoadGateLimits {
  /** Too much: delay and utilization both at or above these... */
  delayMs: number;
  utilization: number;
  /** ...in so many reports in a row. */
  reportsToClose: number;
  /** Enough: delay or utilization below these shares of the limits, in so many reports in a row. */
  calm: number;
  reportsToOpen: number;
}

/**
 * Reports come twice a second. A single long pause (a collection, a join) is no overload, and a thread that waits for a
 * processor while it has little to do is late, but not full: another viewer would not be what makes it late.
 */
export const LOAD_GATE_LIMITS: LoadGateLimits = {
  delayMs: 100,
  utilization: 0.9,
  reportsToClose: 6,
  calm: 0.7,
  reportsToOpen: 10,
};

/** Whether the media worker can serve one more viewer, from its measured load. Pure. */
export class LoadGate {
  readonly #limits: LoadGateLimits;
  #closed = false;
  #run = 0;

  constructor(limits: LoadGateLimits = LOAD_GATE_LIMITS) {
    this.#limits = limits;
  }

  /** Those who watch are served, badly; one more would make it worse for all. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** True: it has just closed or opened. */
  observe({ delayP99Ms, utilization }: MediaLoad): boolean {
    const { delayMs, utilization: full, calm, reportsToClose, reportsToOpen } = this.#limits;
    const counts = this.#closed
      ? delayP99Ms < calm * delayMs || utilization < calm * full
      : delayP99Ms >= delayMs && utilization >= full;
    this.#run = counts ? this.#run + 1 : 0;
    if (this.#run < (this.#closed ? reportsToOpen : reportsToClose)) return false;
    this.#closed = !this.#closed;
    this.#run = 0;
    return true;
  }
}
