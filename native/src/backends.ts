/** Which backends there are, and what became of them. */
import { addon, addonMissingReason, HOW_TO_BUILD, type CrossoverPoint } from './addon.js';
import { NativeError } from './errors.js';
import type { NmsBackend } from './types.js';

export interface CudaDevice {
  name: string;
  /** For instance 9.0. */
  computeCapability: string;
  /** For instance 13.0. */
  driverVersion: string;
  runtimeVersion: string;
  memoryBytes: number;
}

export interface NmsInfo {
  /** What can be used, best first. */
  backends: NmsBackend[];
  /** Why the C++ addon (and with it CUDA) cannot be used; null: it can. */
  cpuMissingReason: string | null;
  /** Why CUDA cannot be used; null: it can. */
  cudaMissingReason: string | null;
  device: CudaDevice | null;
  /** CUDA calls that failed, and that the CPU did instead. */
  cudaFailures: number;
  lastCudaError: string | null;
}

const version = (number = 0) => `${Math.floor(number / 1000)}.${Math.floor((number % 1000) / 10)}`;

/** Opens the CUDA library if that was not done yet, which takes up to a second where there is a GPU. */
export function nmsInfo(): NmsInfo {
  if (!addon) {
    return {
      backends: ['typescript'],
      cpuMissingReason: addonMissingReason,
      cudaMissingReason: addonMissingReason,
      device: null,
      cudaFailures: 0,
      lastCudaError: null,
    };
  }
  const cuda = addon.describeCuda();
  const usable = cuda.missingReason === '';
  return {
    backends: usable ? ['cuda', 'cpu', 'typescript'] : ['cpu', 'typescript'],
    cpuMissingReason: null,
    cudaMissingReason: usable ? null : cuda.missingReason,
    device: usable
      ? {
          name: cuda.device ?? 'unknown',
          computeCapability: `${cuda.computeMajor ?? 0}.${cuda.computeMinor ?? 0}`,
          driverVersion: version(cuda.driverVersion),
          runtimeVersion: version(cuda.runtimeVersion),
          memoryBytes: cuda.memoryBytes ?? 0,
        }
      : null,
    cudaFailures: cuda.failures,
    lastCudaError: cuda.lastError || null,
  };
}

/**
 * What `auto` decides by: both backends' times for one image of so many boxes, measured at the first call that could be
 * worth CUDA, or now. Empty without CUDA.
 */
export function measureCrossover(): CrossoverPoint[] {
  return addon?.crossover() ?? [];
}

/** What `asked` comes to here: the addon's number, or null for TypeScript. Throws if it is not there. */
export function resolveBackend(asked: NmsBackend | 'auto' = 'auto'): 'auto' | 'cpu' | 'cuda' | null {
  if (asked === 'typescript') return null;
  if (!addon) {
    if (asked === 'auto') return null;
    throw new NativeError('nms-backend-missing', `NMS backend '${asked}': ${addonMissingReason}. ${HOW_TO_BUILD}`);
  }
  if (asked === 'cuda') {
    const { missingReason } = addon.describeCuda();
    if (missingReason) throw new NativeError('nms-backend-missing', `NMS backend 'cuda': ${missingReason}`);
  }
  return asked;
}

/** Why the best backend does not serve, as far as that is known without opening CUDA; null: nothing failed. */
export function failureReason(): string | null {
  if (!addon) return `${addonMissingReason} (${HOW_TO_BUILD})`;
  const failures = addon.cudaFailureCount();
  return failures > 0 ? `${failures} calls of CUDA failed, the last: ${addon.describeCuda().lastError}` : null;
}

/**
 * What every CUDA call of this process fails with from now on, whoever's kernel did it; null: CUDA works, or there is none
 * here to ask. Such an error (an illegal address, a GPU that is gone) ends with the process only. Waits for the GPU.
 */
export function cudaFault(): string | null {
  return addon?.cudaFault?.() || null;
}

/**
 * For tests of what a program does then: breaks CUDA for this process, for ever, by a kernel that writes where no memory
 * is. Returns what CUDA answers now; null where there is none to break.
 */
export function breakCuda(): string | null {
  return addon?.breakCuda?.() || null;
}

/**
 * Gives memory back to the system that glibc's allocator holds and nobody uses (malloc_trim(3)): it gives back by itself
 * only what is at the end of an arena. Threads that allocate meanwhile wait for some milliseconds, JavaScript does not.
 * Does nothing without the addon.
 */
export async function trimMemory(): Promise<void> {
  await addon?.trimMemory?.();
}

/**
 * Ends the process here and now, without destructors, exit handlers or the end of any thread: for when a library would
 * rather abort than be cleaned up. Without the addon it is a SIGKILL.
 */
export function exitNow(code: number): never {
  addon?.exitNow?.(code);
  process.kill(process.pid, 'SIGKILL');
  throw new Error('unreachable');
}

let warned = 0;

/** Warns once if a CUDA call failed. */
export function warnOfCudaFailure(): void {
  if (!addon || warned > 0) return;
  warned = addon.cudaFailureCount();
  if (warned === 0) return;
  const { lastError } = addon.describeCuda();
  process.emitWarning(`NMS on CUDA failed (${lastError}); the CPU does it instead`, {
    code: 'LANECAST_NMS_CUDA_FAILED',
  });
}
