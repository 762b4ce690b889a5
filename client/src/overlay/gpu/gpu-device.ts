/** A GPU to draw walls on. */
export interface WallGpu {
  device: GPUDevice;
  /** The adapter's vendor and architecture, as far as the browser tells. */
  adapter: string;
  /** The processor plays GPU. */
  isSoftware: boolean;
}

const RETRY_MS = 500;

export type WallGpuAnswer = { gpu: WallGpu } | { gpu: null; reason: string };

/**
 * Asks the browser for a GPU. Never throws: a page without one is an everyday case, and the answer says why.
 * A software adapter is slower than Canvas 2D: it is taken only with `acceptSoftware`.
 */
export async function openWallGpu(acceptSoftware: boolean): Promise<WallGpuAnswer> {
  const refused = (reason: string): WallGpuAnswer => ({ gpu: null, reason });
  // TypeScript believes in browsers that all have it.
  const webgpu = (navigator as { gpu?: GPU }).gpu;
  if (!isSecureContext) return refused('WebGPU needs HTTPS or localhost');
  if (!webgpu) return refused('this browser has no WebGPU');
  if (!('VideoFrame' in globalThis)) return refused('this browser has no WebCodecs');
  try {
    const adapter = (await request(webgpu)) ?? (await later(() => request(webgpu)));
    if (!adapter) return refused('the browser found no GPU adapter');
    const { info } = adapter;
    const isSoftware = info.isFallbackAdapter;
    const name = [info.vendor, info.architecture, info.description].filter(Boolean).join(' ') || 'unnamed adapter';
    if (isSoftware && !acceptSoftware) return refused(`only a software adapter (${name})`);
    const device = await adapter.requestDevice({
      label: 'wall',
      requiredLimits: { maxTextureDimension2D: adapter.limits.maxTextureDimension2D },
    });
    return { gpu: { device, adapter: name, isSoftware } };
  } catch (error) {
    return refused(`the GPU could not be opened: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const request = (webgpu: GPU): Promise<GPUAdapter | null> =>
  webgpu.requestAdapter({ powerPreference: 'high-performance' });

/** A browser whose GPU process is just starting may find none at first. */
async function later<T>(work: () => Promise<T>): Promise<T> {
  await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  return work();
}
