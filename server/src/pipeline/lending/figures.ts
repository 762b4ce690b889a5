import { LatencyWindow } from '../../core/latency-window.js';
import { LIES, MISHAPS, type Rejection } from '../../detect/lending/intake.js';
import type { LeaseEnd } from '../../detect/lending/lease.js';
import type { StageSummary } from '../api.js';

/** One stream that is lent, or on trial. */
export interface LeaseFigures {
  stream: string;
  /** `trial`: measured only, whoever detected before goes on. */
  state: 'trial' | 'held';
  backend: string;
  detectionsPerS: number;
  latencyP95Ms: number;
}

/** What pages that lend do: part of `/api/stats`, and in `/metrics`. */
export interface LendingStats {
  /** Pages that lend at the moment. */
  lenders: number;
  leases: LeaseFigures[];
  /** Totals since the start. */
  accepted: number;
  rejected: Record<Rejection, number>;
  granted: number;
  ended: Record<LeaseEnd, number>;
  /** From a frame's arrival at the server to its tracks, where a page detected. */
  latency: StageSummary;
}

const ENDS: readonly LeaseEnd[] = ['withdrawn', 'left', 'slow', 'stalled', 'lied', 'outdone', 'unseen'];

function zeros<K extends string>(keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
}

/** Totals of all that was lent. */
export class LendingFigures {
  readonly #rejected = zeros<Rejection>([...LIES, ...MISHAPS]);
  readonly #ended = zeros(ENDS);
  readonly #latency = new LatencyWindow();
  #accepted = 0;
  #granted = 0;

  accept(latencyMs: number): void {
    this.#accepted++;
    this.#latency.record(latencyMs);
  }

  reject(rejection: Rejection): void {
    this.#rejected[rejection]++;
  }

  grant(): void {
    this.#granted++;
  }

  end(reason: LeaseEnd): void {
    this.#ended[reason]++;
  }

  /** Forget the latencies so far: a bench calls it after its warm-up. */
  clearLatencies(): void {
    this.#latency.clear();
  }

  stats(): Omit<LendingStats, 'lenders' | 'leases'> {
    return {
      accepted: this.#accepted,
      rejected: { ...this.#rejected },
      granted: this.#granted,
      ended: { ...this.#ended },
      latency: this.#latency.summary(),
    };
  }
}
