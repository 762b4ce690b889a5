import type { Config } from '../config/schema.js';
import { LanecastError, messageOf } from '../core/errors.js';
import type { Log } from '../core/log.js';
import type { StageSign } from '../core/pulse.js';
import type { FrameSlots } from '../core/frame-slots.js';
import type { WorkSignal } from '../core/work-signal.js';
import { Detector, type DetectorOptions } from '../detect/detector.js';
import type { ExecutionProviderChoice } from '../detect/execution-provider.js';
import type { DetectionResult, DetectorInfo } from '../detect/types.js';
import { monotonicMs } from '../ops/clock.js';
import { type DetectorEnd, DetectorRecovery, type RecoveryStep } from './detector-recovery.js';
import { locateModel } from './locate-model.js';

/** Of inferences that fail one after the other not each is a line in the log. */
const SAY_FAILURE_EVERY_MS = 60_000;

/** Afterwards only the counter tells of it. */
const FAILURE_IS_NEWS_MS = 600_000;

/** What the host has to do with a detector; tests bring their own. */
export type HostedDetector = Pick<
  Detector,
  'info' | 'pulse' | 'onDetections' | 'onRunFailed' | 'onExit' | 'addStream' | 'removeStream' | 'close'
>;

type StartDetector = (modelPath: string, executionProvider: ExecutionProviderChoice) => Promise<HostedDetector>;

/** Paths of the model as it runs from the start on, and of that for the CPU. */
interface DetectorModels {
  same: string;
  cpu: string;
}

/** What failed since the server started. */
export interface DetectorFaults {
  /** Frames lost to inferences that failed. */
  framesLost: number;
  /** Times that the GPU was given up. */
  gpuLosses: number;
}

/**
 * Keeps a detector running: one that dies is replaced, with the same streams; where the GPU is lost, by one on the CPU
 * (`DetectorRecovery` decides).
 */
export class DetectorHost {
  onDetections: (result: DetectionResult) => void = () => undefined;
  readonly #models: DetectorModels;
  readonly #choice: ExecutionProviderChoice;
  readonly #start: StartDetector;
  readonly #recovery: DetectorRecovery;
  readonly #log: Log;
  readonly #streams = new Map<number, FrameSlots>();
  readonly #faults: DetectorFaults = { framesLost: 0, gpuLosses: 0 };
  #detector: HostedDetector;
  #down: string | null = null;
  #gpuLoss: string | null = null;
  #lastFailure: { message: string; atMs: number } | null = null;
  #failureSaidAtMs = -Infinity;
  #deaths = 0;
  #timer: NodeJS.Timeout | null = null;
  #unfit: LanecastError | null = null;
  #onUnfit: (error: LanecastError) => void = () => undefined;
  #closed = false;

  /** Rejects with the LanecastErrors of `locateModel` and `Detector.start`. */
  static async start(
    config: Config['detector'],
    streamCount: number,
    signal: WorkSignal,
    log: Log,
    startDetector: (options: DetectorOptions) => Promise<HostedDetector> = (options) => Detector.start(options),
  ): Promise<DetectorHost> {
    const { scoreThreshold, iouThreshold, maxBatch, maxWaitMs, threads } = config;
    const start: StartDetector = (modelPath, executionProvider) =>
      startDetector({
        modelPath,
        executionProvider,
        scoreThreshold,
        iouThreshold,
        maxWaitMs,
        streamCount,
        signal,
        ...(maxBatch !== undefined && { maxBatch }),
        ...(threads !== undefined && { threads }),
      });
    const same = locateModel(config, log);
    const detector = await start(same, config.executionProvider);
    const mayComeToCpu = detector.info.executionProvider === 'cuda' && config.onGpuLoss === 'cpu';
    const cpu = mayComeToCpu ? modelForCpu(config, same, log) : same;
    return new DetectorHost(detector, config, { same, cpu }, start, log);
  }

  private constructor(
    detector: HostedDetector,
    config: Pick<Config['detector'], 'executionProvider' | 'onGpuLoss'>,
    models: DetectorModels,
    start: StartDetector,
    log: Log,
  ) {
    this.#models = models;
    this.#start = start;
    this.#log = log;
    const onGpu = detector.info.executionProvider === 'cuda';
    this.#recovery = new DetectorRecovery(onGpu, config);
    // What did without the GPU by itself would do it with the GPU's model.
    this.#choice = onGpu ? 'cuda' : config.executionProvider;
    this.#detector = this.#adopt(detector);
  }

  /** Called once, if the GPU is lost and the process is to end for it (`detector.onGpuLoss: restart`). */
  set onUnfit(listener: (error: LanecastError) => void) {
    this.#onUnfit = listener;
    if (this.#unfit) listener(this.#unfit);
  }

  get info(): DetectorInfo {
    const { info } = this.#detector;
    return this.#gpuLoss === null ? info : { ...info, executionProviderReason: this.#gpuLoss };
  }

  /** What is not as good as it could be, one line each. */
  get notices(): string[] {
    const { executionProviderReason, nmsBackend, nmsBackendReason } = this.info;
    const { framesLost } = this.#faults;
    return [
      ...(this.#down ? [this.#down] : []),
      ...(executionProviderReason ? [`detecting on the CPU: ${executionProviderReason}`] : []),
      ...(nmsBackendReason ? [`NMS is done by ${nmsBackend}: ${nmsBackendReason}`] : []),
      ...(this.#lastFailure && monotonicMs() - this.#lastFailure.atMs < FAILURE_IS_NEWS_MS
        ? [`${framesLost} frames were lost to failed inferences, the last: ${this.#lastFailure.message}`]
        : []),
    ];
  }

  /** Detects on these slots from now on, also after a restart. */
  addStream(index: number, slots: FrameSlots): void {
    this.#streams.set(index, slots);
    if (!this.#down) this.#detector.addStream(index, slots.shared);
  }

  /** No detections of it come after the call. */
  removeStream(index: number): void {
    this.#streams.delete(index);
    void this.#detector.removeStream(index);
  }

  /** Detectors that died and were replaced, or are being. */
  get deaths(): number {
    return this.#deaths;
  }

  get faults(): DetectorFaults {
    return { ...this.#faults };
  }

  /** Frames in, inferences out; a model that is being loaded again has time. */
  sign(): StageSign {
    let input = 0;
    for (const slots of this.#streams.values()) input += slots.published;
    return { name: 'detector', input, output: this.#detector.pulse.beats, patient: this.#down !== null };
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#detector.close();
  }

  #adopt(detector: HostedDetector): HostedDetector {
    detector.onDetections = (result) => {
      this.#recovery.works();
      this.onDetections(result);
    };
    detector.onRunFailed = (message, frames) => this.#onRunFailed(message, frames);
    detector.onExit = (error) => this.#onExit(error);
    return detector;
  }

  #onRunFailed(message: string, frames: number): void {
    this.#faults.framesLost += frames;
    const nowMs = monotonicMs();
    this.#lastFailure = { message, atMs: nowMs };
    if (nowMs - this.#failureSaidAtMs < SAY_FAILURE_EVERY_MS) return;
    this.#failureSaidAtMs = nowMs;
    this.#log.warn({ framesLost: this.#faults.framesLost }, `an inference failed, its frames are lost: ${message}`);
  }

  #onExit(error: LanecastError): void {
    this.#deaths++;
    this.#follow(this.#recovery.died(endOf(error), monotonicMs()), error.message);
  }

  #follow(step: RecoveryStep, why: string): void {
    if (step.action === 'leave') {
      this.#faults.gpuLosses++;
      this.#down = `${why}; the GPU is lost to this process, which ends (detector.onGpuLoss: restart)`;
      this.#log.warn({ code: 'gpu-lost' }, this.#down);
      this.#unfit = new LanecastError('gpu-lost', this.#down);
      this.#onUnfit(this.#unfit);
      return;
    }
    if (step.on === 'cpu' && this.#gpuLoss === null) {
      this.#faults.gpuLosses++;
      this.#gpuLoss = `the GPU is lost to this process until it is started again (${why})`;
      this.#down = `${why}; the GPU is given up, starting a detector on the CPU`;
    } else {
      this.#down = `${why}; starting another`;
    }
    this.#log.warn({ ...(this.#gpuLoss !== null && { code: 'gpu-lost' }) }, this.#down);
    this.#timer = setTimeout(() => void this.#restart(step.on), step.delayMs);
  }

  async #restart(on: 'same' | 'cpu'): Promise<void> {
    try {
      const detector = await (on === 'cpu'
        ? this.#start(this.#models.cpu, 'cpu')
        : this.#start(this.#models.same, this.#choice));
      if (this.#closed) {
        await detector.close();
        return;
      }
      this.#detector = this.#adopt(detector);
      for (const [index, slots] of this.#streams) detector.addStream(index, slots.shared);
      this.#down = null;
      this.#log.info({ executionProvider: detector.info.executionProvider }, 'the detector runs again');
    } catch (error) {
      if (this.#closed) return;
      const step = this.#recovery.startFailed(monotonicMs());
      this.#follow(step, `the detector cannot be started again: ${messageOf(error)}`);
    }
  }
}

/** Half precision is slow there. The other form may have to be prepared, for which there is no time later. */
function modelForCpu(config: Config['detector'], same: string, log: Log): string {
  try {
    return locateModel({ ...config, executionProvider: 'cpu' }, log);
  } catch (error) {
    // What may never be needed does not keep from running what is there.
    log.warn({}, `a lost GPU would be replaced with its own form of the model, slowly: ${messageOf(error)}`);
    return same;
  }
}

function endOf({ code }: LanecastError): DetectorEnd {
  return code === 'gpu-lost' ? 'gpu-lost' : code === 'detector-broken' ? 'broken' : 'crashed';
}
