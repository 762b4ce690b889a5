import type { Clock } from '../core/clock.js';

/** Milliseconds of CLOCK_MONOTONIC: comparable between threads, unlike `performance.now()`, whose origin is per thread. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** The real clock. */
export const systemClock: Clock = {
  nowMs: monotonicMs,
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};
