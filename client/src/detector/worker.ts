/** The detector's thread: one model, one engine, frames in, rows out. */
import type { BrowserDetectorInfo } from './browser-detector.js';
import type { Engine, EngineOptions } from './engine.js';
import { FailureStreak } from './failure-streak.js';
import { findGpu } from './gpu-device.js';
import { syntheticFrame } from './synthetic-frame.js';
import { WasmEngine } from './wasm-engine.js';
import { WebGpuEngine } from './webgpu-engine.js';
import type { FromWorker, StartMessage, ToWorker } from './worker-messages.js';

/** Frames that may fail in a row. */
const MAX_FAILURES = 5;
const BENCHMARK_MS = 1000;

const post = (message: FromWorker, transfer: Transferable[] = []): void => self.postMessage(message, { transfer });

let engine: Engine | null = null;
let onGpu = false;
const streak = new FailureStreak(MAX_FAILURES);

async function start(message: StartMessage): Promise<void> {
  const { entry, backend, allowSoftwareGpu } = message;
  const options: EngineOptions = { ...message, model: new Uint8Array(message.model) };
  const chosen = await choose(backend, options, allowSoftwareGpu);
  if ('failure' in chosen) {
    post({ type: 'failed', ...chosen.failure });
    return;
  }
  engine = chosen.engine;
  onGpu = chosen.info.backend === 'webgpu';
  // Kernels are compiled at the first run, which no frame should wait for.
  const beganMs = performance.now();
  const frame = syntheticFrame(640, 360, 0);
  try {
    await engine.detect(frame);
  } catch (error) {
    post({ type: 'failed', code: onGpu ? 'gpu-failed' : 'detector-start', message: messageOf(error) });
    return;
  } finally {
    frame.close();
  }
  const { name, sha256, width, height, precision, classes } = entry;
  const common = { model: name, sha256, inputWidth: width, inputHeight: height, precision, classes };
  const warmUpMs = performance.now() - beganMs;
  post({ type: 'started', info: { ...chosen.info, ...common }, parallel: engine.parallel, warmUpMs });
}

type Chosen =
  | { engine: Engine; info: Pick<BrowserDetectorInfo, 'backend' | 'backendReason' | 'threads' | 'adapter'> }
  | { failure: { code: string; message: string } };

async function choose(
  backend: 'auto' | 'webgpu' | 'wasm',
  options: EngineOptions,
  allowSoftwareGpu: boolean,
): Promise<Chosen> {
  if (backend !== 'wasm') {
    const gpu = await findGpu(allowSoftwareGpu);
    if (gpu.adapter && options.entry.precision === 'fp16' && !gpu.hasHalf)
      return { failure: { code: 'model-unsupported', message: `${gpu.name} has no shader-f16: take the fp32 model` } };
    if (!gpu.adapter)
      // The page starts WASM by itself where it may; a library in two builds in one thread would be twice the memory.
      return { failure: { code: 'gpu-missing', message: gpu.reason } };
    try {
      const made = await WebGpuEngine.start(options);
      void made.lost.then((reason) =>
        post({ type: 'failed', code: 'gpu-lost', message: `the GPU was lost: ${reason}` }),
      );
      return { engine: made, info: { backend: 'webgpu', backendReason: null, threads: 1, adapter: gpu.name } };
    } catch (error) {
      return { failure: { code: 'gpu-failed', message: `WebGPU cannot run this model: ${messageOf(error)}` } };
    }
  }
  try {
    const made = await WasmEngine.start(options);
    return { engine: made, info: { backend: 'wasm', backendReason: null, threads: options.threads, adapter: null } };
  } catch (error) {
    return { failure: { code: 'detector-start', message: `WebAssembly cannot run this model: ${messageOf(error)}` } };
  }
}

async function detect({ stream, frame, rtpTimestamp }: Extract<ToWorker, { type: 'detect' }>): Promise<void> {
  try {
    if (!engine) throw new Error('the detector has not started');
    const detections = { stream, rtpTimestamp, ...(await engine.detect(frame)) };
    streak.succeeded();
    post({ type: 'detections', detections }, [detections.rows.buffer]);
  } catch (error) {
    const message = messageOf(error);
    if (streak.failed())
      post({
        type: 'failed',
        code: onGpu ? 'gpu-failed' : 'detector-failed',
        message: `${MAX_FAILURES} frames in a row failed, the last: ${message}`,
      });
    else post({ type: 'missed', stream, reason: message });
  } finally {
    frame.close();
  }
}

/** As many frames at a time as the engine takes, for about a second. */
async function benchmark(): Promise<void> {
  const running = engine;
  if (!running) return;
  const beganMs = performance.now();
  let done = 0;
  const lane = async (): Promise<void> => {
    do {
      const frame = syntheticFrame(640, 360, done);
      try {
        await running.detect(frame);
      } finally {
        frame.close();
      }
      done++;
    } while (performance.now() - beganMs < BENCHMARK_MS);
  };
  try {
    await Promise.all(Array.from({ length: running.parallel }, lane));
    post({ type: 'rate', perSecond: (1000 * done) / (performance.now() - beganMs) });
  } catch (error) {
    post({ type: 'failed', code: onGpu ? 'gpu-failed' : 'detector-failed', message: messageOf(error) });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// Emscripten's threads may run this very script again: they are not detectors.
if (!self.name.startsWith('em-pthread'))
  self.onmessage = ({ data }: MessageEvent<ToWorker>): void => {
    if (data.type === 'start') void start(data);
    else if (data.type === 'detect') void detect(data);
    else void benchmark();
  };
