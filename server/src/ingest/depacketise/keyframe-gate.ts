import type { AccessUnit } from './access-unit.js';

export interface KeyframeGateOptions {
  /**
   * After so long without a keyframe or recovery point, decode from the next unit that has parameter sets: there are
   * cameras that refresh the picture piece by piece and never say so. Default 10000, more than the usual interval of
   * keyframes.
   */
  maxWaitMs?: number;
  /** Once started, go on through damage: a broken picture rather than a frozen one. Default false. */
  decodeDamaged?: boolean;
}

/** The part of an access unit that the decision rests on. */
export type GateUnit = Pick<
  AccessUnit,
  'isKeyframe' | 'isRecoveryPoint' | 'damaged' | 'lostBefore' | 'sourceReset' | 'hasParameterSets' | 'receivedAtMs'
>;

/**
 * Which units may be decoded: none before the first point where decoding can begin, and after a loss none before the
 * next such point, since pictures refer to those before them.
 */
export class KeyframeGate {
  readonly #maxWaitMs: number;
  readonly #decodeDamaged: boolean;
  #open = false;
  #closedAtMs: number | null = null;

  constructor(options: KeyframeGateOptions = {}) {
    this.#maxWaitMs = options.maxWaitMs ?? 10_000;
    this.#decodeDamaged = options.decodeDamaged ?? false;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** To be asked about every unit, in order. */
  admit(unit: GateUnit): boolean {
    const broken = unit.damaged || unit.lostBefore > 0;
    if (unit.sourceReset || (broken && !this.#decodeDamaged)) this.close();
    this.#closedAtMs ??= unit.receivedAtMs;
    if (this.#open) return true;
    if (unit.damaged) return false;
    const waitedEnough = unit.hasParameterSets && unit.receivedAtMs - this.#closedAtMs >= this.#maxWaitMs;
    this.#open = unit.isKeyframe || unit.isRecoveryPoint || waitedEnough;
    return this.#open;
  }

  /** Wait for the next keyframe; for instance after the decoder reported an error or was replaced. */
  close(): void {
    // While it is closed already, further damage does not prolong the wait.
    if (!this.#open) return;
    this.#open = false;
    this.#closedAtMs = null;
  }
}
