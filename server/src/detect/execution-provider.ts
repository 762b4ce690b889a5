import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** `auto`: CUDA if it is there and works, else the CPU. */
export type ExecutionProviderChoice = 'auto' | 'cpu' | 'cuda';

const PROVIDER_FILE =
  process.platform === 'win32' ? 'onnxruntime_providers_cuda.dll' : 'libonnxruntime_providers_cuda.so';

/** Where onnxruntime-node keeps its native libraries for this platform; null if it has none. */
export function nativeLibraryDirectory(): string | null {
  const root = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node')), '..', 'bin');
  if (!existsSync(root)) return null;
  const directories = readdirSync(root).map((napi) => join(root, napi, process.platform, process.arch));
  return directories.find((directory) => existsSync(directory)) ?? null;
}

/**
 * Why CUDA cannot be used, as far as files tell; null if its provider library is in place (a session may still fail
 * to start, for want of a driver or cuDNN). For choosing a model's precision before the detector starts.
 */
export function cudaMissingReason(): string | null {
  const directory = nativeLibraryDirectory();
  if (!directory) return `onnxruntime-node has no native library for ${process.platform} ${process.arch}`;
  const file = join(directory, PROVIDER_FILE);
  return existsSync(file) ? null : `${PROVIDER_FILE} is not beside ONNX Runtime's library`;
}
