import type { Config } from '../config/schema.js';
import { type LanecastError, messageOf } from '../core/errors.js';
import type { Log } from '../core/log.js';
import type { StageSign } from '../core/pulse.js';
import type { FrameSlots } from '../core/frame-slots.js';
import type { WorkSignal } from '../core/work-signal.js';
import { Detector } from '../detect/detector.js';
import type { DetectionResult, DetectorInfo } from '../detect/types.js';
import { locateModel } from './locate-model.js';

const RESTART_MIN_MS = 1000;
const RESTART_MAX_MS = 30_000;

/** Keeps a detector running: one that dies is replaced, with the same streams, after a growing wait. */
export class DetectorHost {
  onDetections: (result: DetectionResult) => void = () => undefined;
  readonly #start: () => Promise<Detector>;
  readonly #log: Log;
  readonly #streams = new Map<number, FrameSlots>();
  #detector: Detector;
  #failures = 0;
  #down: string | null = null;
  #deaths = 0;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  /** Rejects with the LanecastErrors of `locateModel` and `Detector.start`. */
  static async start(
    config: Config['detector'],
    streamCount: number,
    signal: WorkSignal,
    log: Log,
  ): Promise<DetectorHost> {
    const modelPath = locateModel(config, log);
    const { executionProvider, scoreThreshold, iouThreshold, maxBatch, maxWaitMs, threads } = config;
    const start = (): Promise<Detector> =>
      Detector.start({
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
    return new DetectorHost(await start(), start, log);
  }

  private constructor(detector: Detector, start: () => Promise<Detector>, log: Log) {
    this.#start = start;
    this.#log = log;
    this.#detector = this.#adopt(detector);
  }

  get info(): DetectorInfo {
    return this.#detector.info;
  }

  /** What is not as good as it could be, one line each. */
  get notices(): string[] {
    const { executionProviderReason, nmsBackend, nmsBackendReason } = this.info;
    const { failedFrames, lastFailure } = this.#detector.stats();
    return [
      ...(this.#down ? [this.#down] : []),
      ...(executionProviderReason ? [`detecting on the CPU: ${executionProviderReason}`] : []),
      ...(nmsBackendReason ? [`NMS is done by ${nmsBackend}: ${nmsBackendReason}`] : []),
      ...(lastFailure ? [`${failedFrames} frames were lost to failed inferences, the last: ${lastFailure}`] : []),
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

  #adopt(detector: Detector): Detector {
    detector.onDetections = (result) => {
      this.#failures = 0;
      this.onDetections(result);
    };
    detector.onExit = (error) => this.#onExit(error);
    return detector;
  }

  #onExit(error: LanecastError): void {
    this.#down = `${error.message}; starting another`;
    this.#deaths++;
    this.#log.warn({ code: error.code }, this.#down);
    this.#restartLater();
  }

  #restartLater(): void {
    const delayMs = Math.min(RESTART_MAX_MS, RESTART_MIN_MS * 2 ** this.#failures++);
    this.#timer = setTimeout(() => void this.#restart(), delayMs);
  }

  async #restart(): Promise<void> {
    try {
      const detector = await this.#start();
      if (this.#closed) {
        await detector.close();
        return;
      }
      this.#detector = this.#adopt(detector);
      for (const [index, slots] of this.#streams) detector.addStream(index, slots.shared);
      this.#down = null;
      this.#log.info({}, 'the detector runs again');
    } catch (error) {
      this.#down = `the detector cannot be started again: ${messageOf(error)}; trying for ever`;
      this.#log.warn({}, this.#down);
      if (!this.#closed) this.#restartLater();
    }
  }
}
