/** What is to be done about a detector that died or that does not start. Pure. */
export type RecoveryStep =
  /** Start another after so long, on the same hardware or on the CPU. */
  | { action: 'start'; on: 'same' | 'cpu'; delayMs: number }
  /** The process is to end: only a new one gets another context of the GPU. */
  | { action: 'leave' };

/** What became of a detector. */
export type DetectorEnd =
  /** Its thread died, of what has nothing to do with the GPU. */
  | 'crashed'
  /** One inference after the other failed, though the GPU answers. */
  | 'broken'
  /** The GPU is of no use to this process any more. */
  | 'gpu-lost';

export interface RecoveryOptions {
  /** What follows when the GPU is lost: detection on the CPU, or the end of the process, for whoever starts it again. */
  onGpuLoss: 'cpu' | 'restart';
}

const MIN_DELAY_MS = 1000;
const MAX_DELAY_MS = 30_000;
/** A GPU on which inference breaks again within so long is given up. */
const RELAPSE_MS = 60_000;

/**
 * Death by accident is answered by another detector, after a wait that grows. Inference that keeps failing on a GPU gets
 * one new session there at once, since that helps where memory ran out; when it does not start or fails again within a
 * minute, or CUDA itself is broken for the process, the GPU is given up, for as long as the process lives.
 */
export class DetectorRecovery {
  readonly #options: RecoveryOptions;
  #onGpu: boolean;
  #on: 'same' | 'cpu' = 'same';
  #starts = 0;
  #failedStarts = 0;
  #brokeAtMs = -Infinity;

  /** `onGpu`: the first detector runs there. */
  constructor(onGpu: boolean, options: RecoveryOptions) {
    this.#onGpu = onGpu;
    this.#options = options;
  }

  /** Detections came: the next death is a first one again. */
  works(): void {
    this.#starts = 0;
    this.#failedStarts = 0;
  }

  died(end: DetectorEnd, nowMs: number): RecoveryStep {
    if (!this.#onGpu || end === 'crashed') return this.#again();
    const relapse = nowMs - this.#brokeAtMs < RELAPSE_MS;
    this.#brokeAtMs = nowMs;
    return end === 'gpu-lost' || relapse ? this.#giveUp() : { action: 'start', on: 'same', delayMs: 0 };
  }

  startFailed(nowMs: number): RecoveryStep {
    const hopeless = nowMs - this.#brokeAtMs < RELAPSE_MS || ++this.#failedStarts > 1;
    return this.#onGpu && hopeless ? this.#giveUp() : this.#again();
  }

  #again(): RecoveryStep {
    return {
      action: 'start',
      on: this.#on,
      delayMs: Math.min(MAX_DELAY_MS, MIN_DELAY_MS * 2 ** this.#starts++),
    };
  }

  #giveUp(): RecoveryStep {
    this.#onGpu = false;
    this.#on = 'cpu';
    return this.#options.onGpuLoss === 'restart' ? { action: 'leave' } : { action: 'start', on: 'cpu', delayMs: 0 };
  }
}
