import { MAX_DETECTION_BYTES } from '../../core/protocol/detection-message.js';

/** Messages a second, on average, and in a burst: far more than any browser detects. */
const PER_S = 600;
const BURST = 600;
/** One report of a flood says it all for so long. */
const REPORT_EVERY_MS = 1000;

/**
 * Stands before the detections of one viewer, in the thread that they reach first: what nobody asked for, and a flood, goes
 * no further.
 */
export class LentGate {
  isOpen = false;
  #budget = BURST;
  #atMs: number | null = null;
  #reportedAtMs = -Infinity;

  /** `drop` asks for silence: it was said already, or is nobody's business. */
  admit(bytes: number, nowMs: number): 'pass' | 'drop' | 'flood' {
    if (!this.isOpen) return 'drop';
    this.#budget = Math.min(BURST, this.#budget + ((nowMs - (this.#atMs ?? nowMs)) / 1000) * PER_S) - 1;
    this.#atMs = nowMs;
    if (this.#budget >= 0 && bytes <= MAX_DETECTION_BYTES) return 'pass';
    this.#budget = Math.max(this.#budget, -1);
    if (nowMs - this.#reportedAtMs < REPORT_EVERY_MS) return 'drop';
    this.#reportedAtMs = nowMs;
    return 'flood';
  }
}
