import { RateMeter } from '@lanecast/server/core/rate-meter';
import type {
  BrowserDetector,
  BrowserDetectorEvents,
  BrowserDetectorInfo,
  BrowserDetectorOptions,
} from './browser-detector.js';
import { DetectorError } from './detector-error.js';
import { NewestFrames } from './newest-frames.js';
import { threadCount } from './thread-count.js';
import type { FromWorker, ToWorker } from './worker-messages.js';

/** Starting compiles kernels; a GPU that is emulated takes minutes. */
const START_TIMEOUT_MS = 60_000;
const SOFTWARE_START_TIMEOUT_MS = 240_000;
/** No answer for so long, or for this many times what the first frame took: it hangs. */
const HANG_MS = 10_000;
const HANG_FACTOR = 4;
const WATCH_MS = 1000;

interface Waiting {
  frame: VideoFrame;
  rtpTimestamp: number;
  close(): void;
}

interface Running {
  worker: Worker;
  info: BrowserDetectorInfo;
  parallel: number;
  hangMs: number;
}

/** The page's side of the detector: frames that wait, the worker, and what becomes of it. */
export class WorkerDetector implements BrowserDetector {
  readonly #options: BrowserDetectorOptions;
  readonly #events: BrowserDetectorEvents;
  readonly #model: ArrayBuffer;
  readonly #waiting = new NewestFrames<Waiting>();
  readonly #rate = new RateMeter();
  readonly #timer: ReturnType<typeof setInterval>;
  #running: Running | null;
  #info: BrowserDetectorInfo;
  #inFlight = 0;
  /** Looks of the watch since the worker's last answer, while it owes one. Not a time: a machine may have slept. */
  #silentLooks = 0;
  #benchmarks: ((perSecond: number) => void)[] = [];
  #detected = 0;
  #replaced = 0;
  #closed = false;
  readonly #closing = new AbortController();

  /** Takes `model` over. Rejects with a DetectorError. */
  static async start(
    options: BrowserDetectorOptions,
    events: BrowserDetectorEvents,
    model: ArrayBuffer,
    signal: AbortSignal,
  ): Promise<WorkerDetector> {
    if (options.model.precision === 'fp16' && options.backend === 'wasm')
      throw new DetectorError('model-unsupported', 'fp16 models are for GPUs with shader-f16: take the fp32 one');
    const running = await startWithFallback(options, model, signal);
    return new WorkerDetector(options, events, model, running);
  }

  private constructor(
    options: BrowserDetectorOptions,
    events: BrowserDetectorEvents,
    model: ArrayBuffer,
    running: Running,
  ) {
    this.#options = options;
    this.#events = events;
    this.#model = model;
    this.#running = this.#adopt(running);
    this.#info = running.info;
    this.#timer = setInterval(() => this.#watch(), WATCH_MS);
  }

  get info(): BrowserDetectorInfo {
    return this.#info;
  }

  submit(stream: string, frame: VideoFrame, rtpTimestamp: number): void {
    if (this.#closed) {
      frame.close();
      return;
    }
    if (this.#waiting.put(stream, { frame, rtpTimestamp, close: () => frame.close() })) this.#replaced++;
    this.#pump();
  }

  remove(stream: string): void {
    this.#waiting.remove(stream);
  }

  stats(): { detected: number; replaced: number; perSecond: number } {
    const perSecond = this.#rate.rate(performance.now());
    return { detected: this.#detected, replaced: this.#replaced, perSecond };
  }

  benchmark(): Promise<number> {
    return new Promise((resolve) => {
      if (this.#closed || !this.#running) {
        resolve(0);
        return;
      }
      this.#benchmarks.push(resolve);
      this.#send(this.#running.worker, { type: 'benchmark' });
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#closing.abort();
    clearInterval(this.#timer);
    this.#waiting.clear();
    this.#running?.worker.terminate();
    this.#running = null;
    this.#settleBenchmarks(0);
  }

  #adopt(running: Running): Running {
    running.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#onMessage(data);
    running.worker.onerror = (event) => this.#fail('detector-failed', event.message || 'the worker ended');
    return running;
  }

  #onMessage(message: FromWorker): void {
    switch (message.type) {
      case 'detections':
        this.#answered();
        this.#detected++;
        this.#rate.add(performance.now());
        this.#events.onDetections(message.detections);
        this.#pump();
        return;
      case 'missed':
        this.#answered();
        this.#events.onMissed?.(message.stream, message.reason);
        this.#pump();
        return;
      case 'rate':
        this.#settleBenchmarks(message.perSecond);
        return;
      case 'failed':
        this.#fail(message.code, message.message);
        return;
      case 'started':
    }
  }

  #pump(): void {
    while (this.#running && this.#inFlight < this.#running.parallel) {
      const next = this.#waiting.take();
      if (!next) return;
      const { frame, rtpTimestamp } = next.frame;
      this.#inFlight++;
      this.#send(this.#running.worker, { type: 'detect', stream: next.stream, frame, rtpTimestamp }, [frame]);
    }
  }

  #send(worker: Worker, message: ToWorker, transfer: Transferable[] = []): void {
    worker.postMessage(message, transfer);
  }

  #answered(): void {
    this.#inFlight--;
    this.#silentLooks = 0;
  }

  #settleBenchmarks(perSecond: number): void {
    this.#silentLooks = 0;
    for (const resolve of this.#benchmarks.splice(0)) resolve(perSecond);
  }

  #watch(): void {
    if (!this.#running || (this.#inFlight === 0 && this.#benchmarks.length === 0)) {
      this.#silentLooks = 0;
      return;
    }
    const silentMs = WATCH_MS * this.#silentLooks++;
    if (silentMs > this.#running.hangMs)
      this.#fail(
        this.#info.backend === 'webgpu' ? 'gpu-hung' : 'detector-hung',
        `no answer for ${Math.round(silentMs / 1000)} s`,
      );
  }

  /** Without the GPU it goes on, where it may; anything else is the end. */
  #fail(code: string, message: string): void {
    if (this.#closed || !this.#running) return;
    this.#running.worker.terminate();
    this.#running = null;
    this.#inFlight = 0;
    this.#silentLooks = 0;
    this.#settleBenchmarks(0);
    if (mayFallBack(this.#options, code)) void this.#fallBack(message);
    else this.#die(code, message);
  }

  async #fallBack(reason: string): Promise<void> {
    try {
      const running = await startWorker(this.#options, 'wasm', this.#model, this.#closing.signal);
      if (this.#closed) {
        running.worker.terminate();
        return;
      }
      this.#info = { ...running.info, backendReason: reason };
      this.#running = this.#adopt(running);
      this.#events.onFallback?.(this.#info);
      this.#pump();
    } catch (error) {
      const { code, message } = error as DetectorError;
      if (!this.#closed) this.#die(code, `${reason}; then ${message}`);
    }
  }

  #die(code: string, message: string): void {
    this.close();
    this.#events.onFailure({ code, message });
  }
}

function mayFallBack({ backend, model }: BrowserDetectorOptions, code: string): boolean {
  return backend === 'auto' && model.precision === 'fp32' && code.startsWith('gpu-');
}

async function startWithFallback(
  options: BrowserDetectorOptions,
  model: ArrayBuffer,
  signal: AbortSignal,
): Promise<Running> {
  try {
    return await startWorker(options, options.backend, model, signal);
  } catch (error) {
    if (!(error instanceof DetectorError) || !mayFallBack(options, error.code)) throw error;
    const running = await startWorker(options, 'wasm', model, signal);
    return { ...running, info: { ...running.info, backendReason: error.message } };
  }
}

/** Rejects with a DetectorError; the worker is ended then. */
function startWorker(
  options: BrowserDetectorOptions,
  backend: 'auto' | 'webgpu' | 'wasm',
  model: ArrayBuffer,
  signal: AbortSignal,
): Promise<Running> {
  const { model: entry, scoreThreshold, maxRows, timeStages = false, allowSoftwareGpu = false } = options;
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'detector' });
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
    };
    const fail = (code: string, message: string): void => {
      settle();
      worker.terminate();
      reject(new DetectorError(code, message));
    };
    const giveUp = (): void => fail('detector-closed', 'the start was given up');
    const timeoutMs = allowSoftwareGpu ? SOFTWARE_START_TIMEOUT_MS : START_TIMEOUT_MS;
    const code = backend === 'wasm' ? 'detector-start' : 'gpu-hung';
    const timer = setTimeout(() => fail(code, `the detector did not start within ${timeoutMs / 1000} s`), timeoutMs);
    signal.addEventListener('abort', giveUp);
    worker.onerror = (event) => fail('detector-start', event.message || 'the worker could not be loaded');
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.type === 'failed') fail(data.code, data.message);
      if (data.type !== 'started') return;
      settle();
      const { info, parallel, warmUpMs } = data;
      resolve({ worker, info, parallel, hangMs: Math.max(HANG_MS, HANG_FACTOR * warmUpMs) });
    };
    if (signal.aborted) {
      giveUp();
      return;
    }
    const threads = options.threads ?? threadCount(navigator.hardwareConcurrency, crossOriginIsolated);
    const start: ToWorker = {
      type: 'start',
      entry,
      // A copy: it is needed again where the GPU is lost.
      model,
      backend,
      scoreThreshold,
      maxRows,
      threads,
      timeStages,
      allowSoftwareGpu,
    };
    worker.postMessage(start);
  });
}
