import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { describeModel, type PipelineModel } from '@lanecast/models/describe';
import { ModelError } from '@lanecast/models/errors';
import { exitNow } from '@lanecast/native';
import { LanecastError, messageOf } from '../core/errors.js';
import { FrameSlots, type SharedFrameSlots } from '../core/frame-slots.js';
import { Pulse } from '../core/pulse.js';
import { WorkSignal } from '../core/work-signal.js';
import { endWithoutUnwinding } from '../ops/exit.js';
import { workerHeap } from '../ops/worker-heap.js';
import { workerUrl } from '../ops/worker-url.js';
import { unpackDetection } from './detection-decoder.js';
import type { ExecutionProviderChoice } from './execution-provider.js';
import type { DetectorWorkerData, FromDetector, ToDetector } from './messages.js';
import type { DetectionResult, DetectorInfo, DetectorStats } from './types.js';

export interface DetectorOptions {
  /** A pipeline model with an `nv12` head (see `@lanecast/models`). */
  modelPath: string;
  executionProvider: ExecutionProviderChoice;
  /** Boxes with a lower score are dropped. */
  scoreThreshold: number;
  /** A box that overlaps a better one by more is dropped. */
  iouThreshold: number;
  /** Default: measured at the start. */
  maxBatch?: number;
  /** How many streams to expect: the measuring tries no larger batch. Default 8. */
  streamCount?: number;
  /** How long a frame may wait for others to share its batch. Default 0. */
  maxWaitMs?: number;
  /** Threads of one inference on the CPU. Default: all cores. */
  threads?: number;
  /** Only boxes of the same class suppress each other. Default false. */
  perClassNms?: boolean;
  /** Default 300. */
  maxDetections?: number;
  /** Raised by the writers of the slots after each picture; default: one of its own (`detector.signal`). */
  signal?: WorkSignal;
}

/** How long the batch under way may take when closing, before the thread is ended by force. */
const CLOSE_TIMEOUT_MS = 5000;

/** Reads the model's description; a LanecastError if the detector cannot run it. */
export function describeForDetector(path: string): PipelineModel {
  let model;
  try {
    model = describeModel(path);
  } catch (error) {
    if (error instanceof ModelError) throw new LanecastError(error.code, error.message, { cause: error });
    throw error;
  }
  if (model.kind === 'stock')
    throw new LanecastError(
      'model-not-prepared',
      `${path} is a stock export: prepare it first (node models/dist/prepare.js --from ${path} --out OUT.onnx --head nv12)`,
    );
  if (model.head !== 'nv12')
    throw new LanecastError(
      'model-wrong-head',
      `${path} has the ${model.head} head, the server needs nv12: prepare it again with --head nv12`,
    );
  return model;
}

interface AddedStream {
  streamIndex: number;
  slots: FrameSlots;
  /** Called when the worker has let go of the slots. */
  removed: (() => void) | null;
}

/**
 * The detector of all streams: one model session in a worker thread, fed through shared slots, batching over streams.
 * When its thread dies `onExit` says why and the object is spent; starting another is the caller's business, and the
 * slots stay valid for it.
 */
export class Detector {
  readonly signal: WorkSignal;
  /** Beats with every inference that succeeded. */
  readonly pulse: Pulse;
  /** Called once per detected frame. */
  onDetections: (result: DetectionResult) => void = () => undefined;
  /** Called with every inference that failed: what it said, and how many frames were lost. */
  onRunFailed: (message: string, frames: number) => void = () => undefined;
  /**
   * Called once if the thread ends without `close`: `gpu-lost` (CUDA is of no use to this process any more),
   * `detector-broken` (inference failed again and again) or `detector-crashed`.
   */
  onExit: (error: LanecastError) => void = () => undefined;
  #info: DetectorInfo;
  readonly #worker: Worker;
  readonly #pictureBytes: number;
  readonly #streams = new Map<number, AddedStream>();
  readonly #keys = new Map<number, number>();
  readonly #stats: DetectorStats = { batches: 0, frames: 0, failedFrames: 0, lastFailure: null };
  readonly #ended: Promise<void>;
  #settleEnded: () => void = () => undefined;
  #nextKey = 0;
  #closing: Promise<void> | null = null;
  #dead = false;

  /**
   * Resolves when the model is loaded, warm, and the batch size chosen. Rejects with a LanecastError: `model-missing`,
   * `model-not-onnx`, `model-unsupported`, `model-metadata`, `model-not-prepared`, `model-wrong-head`,
   * `cuda-unavailable` (only if CUDA was asked for), `detector-failed`.
   */
  static async start(options: DetectorOptions): Promise<Detector> {
    const model = describeForDetector(options.modelPath);
    const signal = options.signal ?? new WorkSignal();
    const pulse = new Pulse();
    const workerData: DetectorWorkerData = {
      model: { ...pickSession(model), path: options.modelPath },
      classCount: model.classes.length,
      session: { executionProvider: options.executionProvider, threads: options.threads ?? availableParallelism() },
      scoreThreshold: options.scoreThreshold,
      iouThreshold: options.iouThreshold,
      perClass: options.perClassNms ?? false,
      maxDetections: options.maxDetections ?? 300,
      maxBatch: options.maxBatch ?? null,
      batchLimit: Math.max(1, options.streamCount ?? 8),
      maxWaitMs: options.maxWaitMs ?? 0,
      signal: signal.buffer,
      pulse: pulse.buffer,
    };
    const worker = new Worker(workerUrl(import.meta.url, './worker.js'), {
      workerData,
      name: 'detector',
      resourceLimits: workerHeap(),
    });
    const started = await waitForStart(worker);
    const info: DetectorInfo = {
      model: model.source,
      executionProvider: started.executionProvider,
      executionProviderReason: started.executionProviderReason,
      precision: model.precision,
      inputWidth: model.width,
      inputHeight: model.height,
      classes: model.classes,
      confidentScore: model.confidentScore,
      maxBatch: started.maxBatch,
      maxWaitMs: workerData.maxWaitMs,
      ...started.nms,
    };
    return new Detector(worker, info, signal, pulse);
  }

  private constructor(worker: Worker, info: DetectorInfo, signal: WorkSignal, pulse: Pulse) {
    this.#worker = worker;
    this.#info = info;
    this.signal = signal;
    this.pulse = pulse;
    this.#pictureBytes = (info.inputWidth * info.inputHeight * 3) / 2;
    let failure: unknown;
    worker.on('message', (message: FromDetector) => this.#onMessage(message));
    worker.on('error', (error) => (failure = error));
    this.#ended = new Promise((resolve) => (this.#settleEnded = resolve));
    worker.once('exit', (code) => this.#onEnd(failure, `its thread ended with code ${code}`));
  }

  get info(): DetectorInfo {
    return this.#info;
  }

  /**
   * Detects on the pictures of these slots from now on (NV12 of `inputWidth` x `inputHeight`, letterboxed). Throws a
   * LanecastError `detector-slots` if the slots have another size or the stream is already there.
   */
  addStream(streamIndex: number, slots: SharedFrameSlots): void {
    if (slots.pictureBytes !== this.#pictureBytes)
      throw new LanecastError(
        'detector-slots',
        `stream ${streamIndex} has pictures of ${slots.pictureBytes} bytes, the model takes ${this.#pictureBytes}`,
      );
    if (this.#keys.has(streamIndex))
      throw new LanecastError('detector-slots', `stream ${streamIndex} is already being detected: remove it first`);
    const key = this.#nextKey++;
    this.#keys.set(streamIndex, key);
    this.#streams.set(key, { streamIndex, slots: new FrameSlots(slots), removed: null });
    this.#send({ kind: 'add', key, slots });
  }

  /** No results of it are delivered after the call; resolves when the worker no longer touches the slots. */
  removeStream(streamIndex: number): Promise<void> {
    const key = this.#keys.get(streamIndex);
    if (key === undefined || this.#dead) return Promise.resolve();
    this.#keys.delete(streamIndex);
    return new Promise((resolve) => {
      this.#streams.get(key)!.removed = resolve;
      this.#send({ kind: 'remove', key });
    });
  }

  stats(): DetectorStats {
    return { ...this.#stats };
  }

  /** Ends the thread after the batch under way and frees everything; may be called twice. `onExit` is not called. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#send({ kind: 'close' });
    const force = setTimeout(() => void this.#worker.terminate(), CLOSE_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(force);
  }

  #send(message: ToDetector): void {
    this.#worker.postMessage(message);
    this.signal.raise();
  }

  #onMessage(message: FromDetector): void {
    switch (message.kind) {
      case 'batch':
        this.#onBatch(message);
        break;
      case 'run-failed':
        this.#stats.failedFrames += message.frames;
        this.#stats.lastFailure = message.message;
        this.onRunFailed(message.message, message.frames);
        break;
      case 'removed':
        this.#streams.get(message.key)?.removed?.();
        this.#streams.delete(message.key);
        break;
      case 'stranded':
        strand(this.#worker);
        this.#onEnd(new LanecastError(message.code, message.message), '');
        break;
      case 'started':
      case 'start-failed':
        break; // `waitForStart` hears these
    }
  }

  #onBatch({ frames, packed, inferMs, doneAtMs, nms }: FromDetector & { kind: 'batch' }): void {
    this.#stats.batches++;
    this.#stats.frames += frames.length;
    if (nms.nmsBackend !== this.#info.nmsBackend || nms.nmsBackendReason !== this.#info.nmsBackendReason)
      this.#info = { ...this.#info, ...nms };
    let next = 0;
    for (const { key, header, count, queueMs, nmsMs } of frames) {
      const first = next;
      next += count;
      const stream = this.#streams.get(key);
      if (!stream || stream.removed || this.#closing) continue;
      const detections = Array.from({ length: count }, (_, i) => unpackDetection(packed, first + i));
      const timings = { queueMs, inferMs, nmsMs, batchSize: frames.length, doneAtMs };
      this.onDetections({ streamIndex: stream.streamIndex, header, detections, timings });
    }
  }

  #onEnd(failure: unknown, why: string): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#settleEnded();
    for (const { slots, removed } of this.#streams.values()) {
      slots.reclaim();
      removed?.();
    }
    this.#streams.clear();
    this.#keys.clear();
    if (this.#closing) return;
    const reason = failure ? messageOf(failure) : why;
    // Over the thread's edge an error brings its code, but not its class.
    const told = (failure as { code?: unknown } | undefined)?.code;
    const exit = told === 'gpu-lost' || told === 'detector-broken' ? told : 'detector-crashed';
    this.onExit(new LanecastError(exit, `the detector stopped: ${reason}`, { cause: failure }));
  }
}

function pickSession({ inputName, outputName, height, width, candidateCount }: PipelineModel) {
  return { inputName, outputName, height, width, candidateCount };
}

/** The thread lives on as it is, and the process ends without it. */
function strand(worker: Worker): void {
  worker.unref();
  endWithoutUnwinding(exitNow);
}

function waitForStart(worker: Worker): Promise<FromDetector & { kind: 'started' }> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
    };
    const onMessage = (message: FromDetector) => {
      settle();
      if (message.kind === 'started') {
        // Its thread works on, but neither it nor the process may be cleaned up.
        if (message.stranded) endWithoutUnwinding(exitNow);
        resolve(message);
      } else if (message.kind === 'start-failed') {
        if (message.stranded) strand(worker);
        reject(new LanecastError(message.code, message.message));
      }
    };
    const fail = (reason: string, cause?: unknown) => {
      settle();
      reject(new LanecastError('detector-failed', `the detector did not start: ${reason}`, { cause }));
    };
    const onError = (error: Error) => fail(error.message, error);
    const onExit = (code: number) => fail(`its thread ended with code ${code}`);
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  });
}
