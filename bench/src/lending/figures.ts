import type { Percentiles } from '../latency/figures.js';
import type { Machine } from '../machine.js';

/** What the server did over a while, by its own count. */
export interface ServerUse {
  seconds: number;
  /** Processor time of the server's process, milliseconds a second. */
  cpuMsPerS: number;
  /** Frames with tracks, all streams together, a second. */
  detectedPerS: number;
  /** From a frame's arrival to its tracks. */
  latencyMs: Percentiles;
}

/** What `bench:lending` writes. */
export interface LendingReport {
  bench: 'lending';
  date: string;
  machine: Machine;
  loadAverage: { before: number; after: number };
  browser: string;
  streams: number;
  /** In words: where the page detects. */
  lender: { backend: string; runsOn: string; model: string; measuredPerS: number };
  /** The server detects; the same page watches. */
  server: ServerUse;
  /** The page detects; the server tracks. */
  lent: ServerUse;
  cpuSavedMsPerS: number;
  cpuSavedPct: number;
  addedLatencyMs: Percentiles;
}

/** Totals at one moment. */
export interface UseSample {
  atMs: number;
  cpuSeconds: number;
  detected: number;
}

/** What happened between two samples. */
export function useBetween(before: UseSample, after: UseSample, latencyMs: Percentiles): ServerUse {
  const seconds = (after.atMs - before.atMs) / 1000;
  return {
    seconds,
    cpuMsPerS: ((after.cpuSeconds - before.cpuSeconds) * 1000) / seconds,
    detectedPerS: (after.detected - before.detected) / seconds,
    latencyMs,
  };
}

export function compareUse(server: ServerUse, lent: ServerUse) {
  const cpuSavedMsPerS = server.cpuMsPerS - lent.cpuMsPerS;
  return {
    cpuSavedMsPerS,
    cpuSavedPct: (100 * cpuSavedMsPerS) / server.cpuMsPerS,
    addedLatencyMs: {
      p50: lent.latencyMs.p50 - server.latencyMs.p50,
      p95: lent.latencyMs.p95 - server.latencyMs.p95,
    },
  };
}

/** Processor seconds of all modes in Prometheus' text. */
export function cpuSecondsOf(metrics: string): number {
  const values = [...metrics.matchAll(/^lanecast_process_cpu_seconds_total\{[^}]*\} ([0-9.e+-]+)$/gm)];
  return values.reduce((sum, [, value]) => sum + Number(value), 0);
}
