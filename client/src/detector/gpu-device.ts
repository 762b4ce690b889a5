/** Before the GPU is asked for a second time. */
const RETRY_MS = 500;

/** A GPU that can be used, or why there is none. */
export type GpuFound =
  { adapter: GPUAdapter; name: string; hasHalf: boolean; reason: null } | { adapter: null; reason: string };

/**
 * Asks for the GPU. An adapter that computes on the CPU (`isFallbackAdapter`) is slower than WebAssembly and counts as
 * none, unless `allowSoftware`: for tests.
 */
export async function findGpu(allowSoftware: boolean): Promise<GpuFound> {
  if (!globalThis.isSecureContext)
    return { adapter: null, reason: 'WebGPU needs HTTPS or localhost, and this page came over plain HTTP' };
  // Absent where the browser has no WebGPU, whatever the types say.
  const gpu = navigator.gpu as GPU | undefined;
  if (!gpu) return { adapter: null, reason: 'this browser has no WebGPU' };
  const adapter = await requestAdapter(gpu);
  if (!adapter) return { adapter: null, reason: 'the browser found no GPU that WebGPU can use' };
  if (isSoftware(adapter) && !allowSoftware)
    return { adapter: null, reason: 'the only WebGPU adapter here computes on the CPU' };
  return { adapter, name: nameOf(adapter.info), hasHalf: adapter.features.has('shader-f16'), reason: null };
}

/** A browser's GPU process may still be starting: then there is none at first. */
async function requestAdapter(gpu: GPU): Promise<GPUAdapter | null> {
  const request = (): Promise<GPUAdapter | null> =>
    gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  const adapter = await request();
  if (adapter) return adapter;
  await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  return request();
}

function isSoftware(adapter: GPUAdapter): boolean {
  // It moved from the adapter to its info; some browsers have the one, some the other.
  const { isFallbackAdapter = false } = adapter as { isFallbackAdapter?: boolean };
  const info: { isFallbackAdapter?: boolean; architecture: string } = adapter.info;
  return isFallbackAdapter || info.isFallbackAdapter === true || info.architecture === 'swiftshader';
}

function nameOf({ vendor, architecture, device, description }: GPUAdapterInfo): string {
  return description || [vendor, architecture || device].filter(Boolean).join(' ') || 'unnamed GPU';
}
