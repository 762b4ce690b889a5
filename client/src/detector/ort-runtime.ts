import asyncifyGlue from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import asyncifyBinary from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import jspiGlue from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.mjs?url';
import jspiBinary from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url';
import plainGlue from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import plainBinary from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';

export type Runtime = typeof import('onnxruntime-web');

/**
 * Loads ONNX Runtime in the one of its builds that is needed: without WebGPU the smallest; with it the one that waits
 * for the GPU by JavaScript Promise Integration where the browser has that, else the larger one that unwinds its stack
 * (Asyncify). Once a thread.
 */
export async function loadRuntime(backend: 'webgpu' | 'wasm', threads: number): Promise<Runtime> {
  const { runtime, mjs, wasm } = await importBuild(backend);
  runtime.env.wasm.wasmPaths = { mjs: absolute(mjs), wasm: absolute(wasm) };
  runtime.env.wasm.numThreads = threads;
  // Warnings go to console.error there.
  runtime.env.logLevel = 'error';
  return runtime;
}

async function importBuild(backend: 'webgpu' | 'wasm'): Promise<{ runtime: Runtime; mjs: string; wasm: string }> {
  if (backend === 'wasm') return { runtime: await import('onnxruntime-web/wasm'), mjs: plainGlue, wasm: plainBinary };
  if ('Suspending' in WebAssembly)
    return { runtime: await import('onnxruntime-web/jspi'), mjs: jspiGlue, wasm: jspiBinary };
  return { runtime: await import('onnxruntime-web/webgpu'), mjs: asyncifyGlue, wasm: asyncifyBinary };
}

function absolute(path: string): string {
  return new URL(path, self.location.href).href;
}
