import type { DetectionTimings } from '../detector/browser-detector.js';

/** The stages of a detection, in their order. */
export const STAGES = ['importMs', 'preprocessMs', 'inferMs', 'decodeMs'] as const;
export type Stage = (typeof STAGES)[number];

export type StageMedians = Record<Stage | 'totalMs', number>;

/** Medians over the last detections. */
export class StageFigures {
  readonly #capacity: number;
  #samples: DetectionTimings[] = [];

  constructor(capacity = 60) {
    this.#capacity = capacity;
  }

  add(timings: DetectionTimings): void {
    this.#samples.push(timings);
    if (this.#samples.length > this.#capacity) this.#samples.shift();
  }

  clear(): void {
    this.#samples = [];
  }

  /** null before the first detection. */
  medians(): StageMedians | null {
    if (this.#samples.length === 0) return null;
    const median = (key: Stage | 'totalMs'): number => {
      const sorted = this.#samples.map((sample) => sample[key]).sort((a, b) => a - b);
      return sorted[Math.floor(sorted.length / 2)]!;
    };
    return {
      importMs: median('importMs'),
      preprocessMs: median('preprocessMs'),
      inferMs: median('inferMs'),
      decodeMs: median('decodeMs'),
      totalMs: median('totalMs'),
    };
  }
}
