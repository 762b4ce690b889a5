/** Loads the compiled addon, once. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** [iouThreshold, scoreThreshold, maxDetections (0: no limit), backend, timing (0 or 1)] */
export type Settings = Float64Array;

/** [kept of all images, offsets of the images in it, backend, kernel ms] */
export type RawResult = [kept: Int32Array, offsets: Uint32Array, backend: number, kernelMs: number];

export interface CudaDescription {
  /** Why CUDA cannot be used; empty: it can. */
  missingReason: string;
  failures: number;
  lastError: string;
  device?: string;
  computeMajor?: number;
  computeMinor?: number;
  driverVersion?: number;
  runtimeVersion?: number;
  memoryBytes?: number;
}

export interface CrossoverPoint {
  boxes: number;
  cpuMs: number;
  cudaMs: number;
}

type Suppress<Result> = (
  boxes: Float32Array,
  scores: Float32Array,
  classes: Int32Array | null,
  offsets: Uint32Array,
  settings: Settings,
) => Result;

/** The addon's functions (cpp/addon.cpp). */
export interface Addon {
  suppress: Suppress<RawResult>;
  suppressAsync: Suppress<Promise<RawResult>>;
  /** Returns `rows written * 4 + backend`. */
  detect(
    output: Float32Array,
    offset: number,
    candidates: number,
    settings: Settings,
    classCount: number,
    perClass: boolean,
    rows: Float32Array,
  ): number;
  describeCuda(): CudaDescription;
  cudaFailureCount(): number;
  crossover(): CrossoverPoint[];
  /** What every CUDA call of the process answers from now on, or an empty string. Absent in addons of before. */
  cudaFault?(): string;
  /** Makes such an answer; empty where there is no CUDA. Absent in addons of before. */
  breakCuda?(): string;
  /** malloc_trim(3), in libuv's pool. Absent in addons of before. */
  trimMemory?(): Promise<void>;
  /** `_exit(2)`. Absent in addons of before. */
  exitNow?(code: number): never;
  /** One datagram to a Unix socket; returns why it was not sent, or an empty string. Absent in addons of before. */
  notify?(address: string, message: string): string;
  /** Only the first call counts. */
  setCudaPath(path: string): void;
}

/** The backends' numbers in the addon. */
export const BACKEND_NUMBERS = { auto: 0, cpu: 1, cuda: 2 } as const;

const DIRECTORY = fileURLToPath(new URL('../build/Release/', import.meta.url));

export const HOW_TO_BUILD = 'scripts/setup-system, then npm rebuild @lanecast/native';

function load(): { addon: Addon | null; missingReason: string } {
  const path = join(DIRECTORY, 'lanecast_nms.node');
  if (!existsSync(path)) return { addon: null, missingReason: 'the C++ addon was not built' };
  try {
    const addon = createRequire(import.meta.url)(path) as Addon;
    addon.setCudaPath(process.env['LANECAST_NMS_CUDA_LIBRARY'] ?? join(DIRECTORY, 'liblanecast_nms_cuda.so'));
    return { addon, missingReason: '' };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { addon: null, missingReason: `the C++ addon does not load: ${why}` };
  }
}

export const { addon, missingReason: addonMissingReason } = load();
