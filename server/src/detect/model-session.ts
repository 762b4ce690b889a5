import { cudaFault } from '@lanecast/native';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { LanecastError, messageOf } from '../core/errors.js';
import { SizedSessions } from './sized-sessions.js';
import { cudaMissingReason, type ExecutionProviderChoice } from './execution-provider.js';

/** What the session needs to know of a pipeline model. */
export interface SessionModel {
  path: string;
  inputName: string;
  outputName: string;
  height: number;
  width: number;
  candidateCount: number;
}

export interface SessionOptions {
  executionProvider: ExecutionProviderChoice;
  /** Threads of one inference on the CPU. */
  threads: number;
}

const CHANNELS = 6;
const LOG_ERRORS_ONLY = 3;
const LOG_NOTHING = 4;

const abandoned: SizedSessions[] = [];

/** This thread has sessions that must outlive it. */
export function hasAbandonedSessions(): boolean {
  return abandoned.length > 0;
}

/**
 * ONNX Runtime over an `nv12` pipeline model, with its input and output memory allocated once.
 * `run` computes on the calling thread (onnxruntime-node only defers it to `setImmediate`), so this lives in a worker.
 */
export class ModelSession {
  /** `cuda` or `cpu`. */
  readonly executionProvider: 'cuda' | 'cpu';
  /** Why not CUDA; null if it is, or if the CPU was asked for. */
  readonly reason: string | null;
  /** Bytes of one picture. */
  readonly pictureBytes: number;
  readonly #sessions: SizedSessions;
  readonly #model: SessionModel;
  #input = new Uint8Array(0);
  #output = new Float32Array(0);
  /** Per batch size: views of the memory above, as ONNX Runtime takes them. */
  readonly #tensors = new Map<number, { feeds: Record<string, Tensor>; fetches: Record<string, Tensor> }>();
  #closed: Promise<void> | null = null;

  /**
   * Throws a LanecastError: `cuda-unavailable` if CUDA was asked for and does not work, `model-unsupported` if ONNX
   * Runtime refuses the model.
   */
  static async open(model: SessionModel, options: SessionOptions): Promise<ModelSession> {
    let reason: string | null = null;
    if (options.executionProvider !== 'cpu') {
      reason = cudaMissingReason();
      if (!reason) {
        try {
          return await ModelSession.#start(model, options, 'cuda', null);
        } catch (error) {
          reason = `a CUDA session did not start: ${messageOf(error)}`;
        }
      }
      if (options.executionProvider === 'cuda')
        throw new LanecastError(
          'cuda-unavailable',
          `detection on CUDA was asked for, but ${reason}; "npm run setup:cuda" installs what is missing or names it, --ep auto does without`,
        );
    }
    try {
      return await ModelSession.#start(model, options, 'cpu', reason);
    } catch (error) {
      throw new LanecastError('model-unsupported', `ONNX Runtime cannot run ${model.path}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  static async #start(model: SessionModel, options: SessionOptions, provider: 'cuda' | 'cpu', reason: string | null) {
    const create = () =>
      InferenceSession.create(model.path, {
        executionProviders: [provider],
        graphOptimizationLevel: 'all',
        intraOpNumThreads: options.threads,
        interOpNumThreads: 1,
        logSeverityLevel: provider === 'cuda' ? LOG_NOTHING : LOG_ERRORS_ONLY,
        // Idle threads sleep instead of spinning. On two free cores that is hardly slower; on two that decode as well,
        // spinning threads take the time from those that work, and inference is two to three times slower.
        extra: { session: { intra_op: { allow_spinning: '0' } } },
      });
    const sessions = new SizedSessions({ create, perSize: provider === 'cuda' });
    const opened = new ModelSession(sessions, model, provider, reason);
    try {
      await opened.run(1); // a provider that loads may still fail at its first run
      return opened;
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  private constructor(sessions: SizedSessions, model: SessionModel, provider: 'cuda' | 'cpu', reason: string | null) {
    this.#sessions = sessions;
    this.#model = model;
    this.executionProvider = provider;
    this.reason = reason;
    this.pictureBytes = (model.height * model.width * 3) / 2;
    this.reserve(1);
  }

  /** Makes room for batches of up to `maxBatch`. Input and output of before are gone. */
  reserve(maxBatch: number): void {
    this.#input = new Uint8Array(maxBatch * this.pictureBytes);
    this.#output = new Float32Array(maxBatch * CHANNELS * this.#model.candidateCount);
    this.#tensors.clear();
  }

  /** The pictures of a batch, one after another; filled by the caller. */
  get input(): Uint8Array {
    return this.#input;
  }

  /** `[B,6,N]` of the last run; overwritten by the next. */
  get output(): Float32Array {
    return this.#output;
  }

  /** Runs the first `batch` pictures of `input`. Rejects if inference fails; the session stays usable. */
  async run(batch: number): Promise<void> {
    const { feeds, fetches } = this.#tensorsFor(batch);
    await this.#sessions.run(batch, feeds, fetches);
  }

  /** Ready to run at each of these sizes without delay; frees what other sizes took. */
  async warmUp(sizes: readonly number[]): Promise<void> {
    await this.#sessions.keepOnly(sizes);
    this.reserve(Math.max(...sizes));
    // Kernels are picked at the first run of a size: on CUDA that takes up to seconds, which no frame should wait for.
    if (this.executionProvider === 'cuda') for (const size of sizes) await this.run(size);
  }

  #tensorsFor(batch: number) {
    let tensors = this.#tensors.get(batch);
    if (!tensors) {
      const { height, width, candidateCount, inputName, outputName } = this.#model;
      const input = this.#input.subarray(0, batch * this.pictureBytes);
      const output = this.#output.subarray(0, batch * CHANNELS * candidateCount);
      tensors = {
        feeds: { [inputName]: new Tensor('uint8', input, [batch, height * 1.5, width]) },
        // Given memory to write to, a run makes no garbage.
        fetches: { [outputName]: new Tensor('float32', output, [batch, CHANNELS, candidateCount]) },
      };
      this.#tensors.set(batch, tensors);
    }
    return tensors;
  }

  /** Frees the session's memory, but for one that would end the process (see `abandon`); may be called twice. */
  close(): Promise<void> {
    if (this.executionProvider === 'cuda' && cudaFault() !== null) this.abandon();
    return (this.#closed ??= this.#sessions.close());
  }

  /**
   * Keeps the session as it is for as long as the process lives: its GPU is lost, and ONNX Runtime's CUDA sessions end the
   * process (`terminate`, out of a destructor) when they are freed then. The thread must not end either.
   */
  abandon(): void {
    abandoned.push(this.#sessions);
    this.#closed = Promise.resolve();
  }
}
