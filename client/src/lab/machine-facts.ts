import { findGpu } from '../detector/gpu-device.js';
import { threadCount } from '../detector/thread-count.js';

/** What this browser brings, and what it lacks and why. */
export interface MachineFact {
  name: string;
  value: string;
  /** `good`, `lack` (with what to do in `hint`) or `plain`. */
  tone: 'good' | 'lack' | 'plain';
  hint: string | null;
}

export interface Machine {
  facts: MachineFact[];
  /** null: WebGPU can be used. */
  webgpuReason: string | null;
  hasHalf: boolean;
}

export async function describeMachine(allowSoftwareGpu: boolean): Promise<Machine> {
  const gpu = await findGpu(allowSoftwareGpu);
  const cores = navigator.hardwareConcurrency;
  const threads = threadCount(cores, crossOriginIsolated);
  const fact = (name: string, ok: boolean, value: string, hint: string | null = null): MachineFact => ({
    name,
    value,
    tone: ok ? 'good' : 'lack',
    hint: ok ? null : hint,
  });
  const hasHalf = gpu.adapter !== null && gpu.hasHalf;
  const facts = [
    gpu.adapter ? fact('WebGPU', true, gpu.name) : fact('WebGPU', false, 'none', gpu.reason),
    ...(gpu.adapter
      ? [fact('Half precision', hasHalf, hasHalf ? 'shader-f16' : 'none', 'this GPU gets the fp32 models')]
      : []),
    fact(
      'Isolated page',
      crossOriginIsolated,
      crossOriginIsolated ? 'yes' : 'no',
      isSecureContext
        ? 'COOP and COEP headers are missing: a proxy may remove them'
        : 'threads need HTTPS or localhost, and this page came over plain HTTP',
    ),
    fact('WASM threads', threads > 1, `${threads} of ${cores} cores`, 'a single thread computes'),
    fact(
      'WebCodecs',
      typeof VideoFrame !== 'undefined',
      typeof VideoFrame === 'undefined' ? 'none' : 'yes',
      'needs HTTPS or localhost, and a current browser',
    ),
  ];
  return { facts, webgpuReason: gpu.reason, hasHalf };
}
