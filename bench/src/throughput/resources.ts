import { availableParallelism, cpus } from 'node:os';
import { type GpuUse, GpuSampler } from './gpu-sampler.js';
import type { FarmUsage } from './stream-farm.js';

/** What a run used, of what the machine has. */
export interface Resources {
  /** Processors busy, of `cores`, with everything that runs on the machine. */
  busyCores: number;
  cores: number;
  /** Of these, the publishing processes; null where the streams come from elsewhere. */
  publisherCores: number | null;
  publisherProcesses: number;
  /** Share of the time that the main thread's event loop was at work. */
  mainThreadShare: number;
  gpu: GpuUse | null;
}

/** The publishing processes, where they are ours. */
export interface UsageSource {
  usage(): Promise<FarmUsage>;
}

/** Watches the machine from `start` to `stop`. */
export class ResourceWatch {
  readonly #farm: UsageSource | null;
  readonly #startedAtMs = performance.now();
  readonly #busyBeforeMs = busyMs();
  readonly #loopBefore = performance.eventLoopUtilization();
  readonly #gpu = new GpuSampler();
  readonly #farmBefore: FarmUsage | null;

  static async start(farm: UsageSource | null): Promise<ResourceWatch> {
    return new ResourceWatch(farm, farm ? await farm.usage() : null);
  }

  private constructor(farm: UsageSource | null, before: FarmUsage | null) {
    this.#farm = farm;
    this.#farmBefore = before;
  }

  async stop(): Promise<Resources> {
    const seconds = (performance.now() - this.#startedAtMs) / 1000;
    const busyCores = (busyMs() - this.#busyBeforeMs) / 1000 / seconds;
    const mainThreadShare = performance.eventLoopUtilization(this.#loopBefore).utilization;
    const gpu = this.#gpu.stop();
    const farm = await this.#farm?.usage();
    return {
      busyCores,
      cores: availableParallelism(),
      publisherCores: farm && this.#farmBefore ? (farm.cpuSeconds - this.#farmBefore.cpuSeconds) / seconds : null,
      publisherProcesses: farm?.processes ?? 0,
      mainThreadShare,
      gpu,
    };
  }
}

function busyMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}
