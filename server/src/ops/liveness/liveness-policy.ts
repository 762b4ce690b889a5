import type { StageSign } from '../../core/pulse.js';

export interface LivenessLimits {
  /** A stage that has work may go so long without progress. */
  stallMs: number;
  /** The same while a GPU starts or a model loads. */
  patientStallMs: number;
  /**
   * The longest time between two looks that is believed to be the stages': after a longer one this thread itself had
   * not run (a stopped process, a machine that slept), and no stage can be blamed for it.
   */
  maxStepMs: number;
}

export const LIVENESS_LIMITS: LivenessLimits = { stallMs: 30_000, patientStallMs: 180_000, maxStepMs: 2500 };

export interface StageHealth {
  name: string;
  /** How long it has had work and made no progress, patient time included. */
  stalledMs: number;
  alive: boolean;
}

interface Look {
  life: number;
  input: number | null;
  output: number;
  stalledMs: number;
  patientMs: number;
}

/**
 * Who is alive: every stage that has input makes progress. What comes from outside counts for nothing here: a stage
 * without input (dead cameras, no viewer) is alive however long it does nothing. Pure: time and signs are given.
 */
export class LivenessPolicy {
  readonly #limits: LivenessLimits;
  readonly #stages = new Map<string, Look>();
  #lastMs: number | null = null;

  constructor(limits: LivenessLimits = LIVENESS_LIMITS) {
    this.#limits = limits;
  }

  /** One look, best every second or so. Stages that are no longer named are forgotten. */
  observe(nowMs: number, signs: readonly StageSign[]): StageHealth[] {
    const stepMs = this.#lastMs === null ? 0 : Math.min(Math.max(0, nowMs - this.#lastMs), this.#limits.maxStepMs);
    this.#lastMs = nowMs;
    const named = new Set(signs.map(({ name }) => name));
    for (const name of this.#stages.keys()) if (!named.has(name)) this.#stages.delete(name);
    for (const sign of signs) this.#look(sign, stepMs);
    return this.health();
  }

  /** As of the last look. */
  health(): StageHealth[] {
    const { stallMs, patientStallMs } = this.#limits;
    return [...this.#stages].map(([name, { stalledMs, patientMs }]) => ({
      name,
      stalledMs: stalledMs + patientMs,
      alive: stalledMs <= stallMs && patientMs <= patientStallMs,
    }));
  }

  #look({ name, life = 0, input, output, patient }: StageSign, stepMs: number): void {
    const before = this.#stages.get(name);
    // Only progress is forgiven. A worker that starts, fails and starts again has both times against it.
    let [stalledMs, patientMs] = [0, 0];
    if (before && before.life === life && before.output === output) {
      // Without new input the time neither counts nor is forgiven: it may have stopped because this stage hangs.
      const hasInput = input === null || (before.input !== null && input > before.input);
      const countedMs = hasInput ? stepMs : 0;
      stalledMs = before.stalledMs + (patient ? 0 : countedMs);
      patientMs = before.patientMs + (patient ? countedMs : 0);
    }
    this.#stages.set(name, { life, input, output, stalledMs, patientMs });
  }
}
