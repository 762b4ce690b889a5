import type { Match } from './frame-matcher.js';

/** How many presented frames got which boxes. */
export interface ExactnessCounts {
  exact: number;
  interpolated: number;
  predicted: number;
  none: number;
  /** Of all these, how many were matched by an estimated time, not by their RTP timestamp. */
  estimated: number;
  /** Frames that the browser showed without telling (it dropped the callback). */
  missed: number;
}

/** Counts matches: since the start, and over a sliding window of the last frames. */
export class ExactnessMeter {
  readonly #windowSize: number;
  readonly #window: Match['kind'][] = [];
  readonly counts: ExactnessCounts = { exact: 0, interpolated: 0, predicted: 0, none: 0, estimated: 0, missed: 0 };

  constructor(windowSize = 250) {
    this.#windowSize = windowSize;
  }

  add(match: Pick<Match, 'kind' | 'byTimestamp'>, missedFrames = 0): void {
    this.counts[match.kind]++;
    if (!match.byTimestamp) this.counts.estimated++;
    this.counts.missed += missedFrames;
    this.#window.push(match.kind);
    if (this.#window.length > this.#windowSize) this.#window.shift();
  }

  /** Shares (0..1) among the last frames; all 0 before the first. */
  shares(): Record<Match['kind'], number> {
    const shares = { exact: 0, interpolated: 0, predicted: 0, none: 0 };
    for (const kind of this.#window) shares[kind] += 1 / this.#window.length;
    return shares;
  }
}
