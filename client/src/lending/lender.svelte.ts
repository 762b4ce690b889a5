import type { ModelEntry } from '@lanecast/server/core/model-entry';
import type { LeaseTerms, LendOffer } from '@lanecast/server/core/signalling/messages';
import type {
  BrowserDetections,
  BrowserDetector,
  BrowserDetectorInfo,
  startBrowserDetector,
} from '../detector/browser-detector.js';
import type { FrameListener } from '../overlay/frame-probe.js';
import { fittingModel, modelsOf } from './choose-model.js';
import { FrameTaker } from './frame-taker.js';

export type LendPhase =
  | 'off'
  /** The model is on its way, or being made ready. */
  | 'preparing'
  | 'measuring'
  /** Ready; the server has not asked yet. */
  | 'waiting'
  | 'lending'
  /** The page is hidden: browsers show it no frames then. */
  | 'hidden'
  | 'failed';

/** What lending needs of the connection. */
export interface LendingLink {
  /** Offers to detect, also after each reconnection; null: no longer. */
  lend(offer: LendOffer | null): void;
  /** False if it was dropped: the connection is behind, or gone. */
  sendDetections(detections: BrowserDetections, lease: number): boolean;
  onLeases: ((leases: readonly LeaseTerms[], reason: string | null) => void) | null;
}

export interface LenderDependencies {
  link: LendingLink;
  models: () => Promise<ModelEntry[]>;
  start: typeof startBrowserDetector;
  /** Whether the GPU computes in half precision. */
  hasHalf: () => Promise<boolean>;
  backend: 'auto' | 'webgpu' | 'wasm';
  listen: (listener: FrameListener) => () => void;
  streamCount: () => number;
  isHidden: () => boolean;
}

/** Until a lease says otherwise. */
const SCORE_THRESHOLD = 0.1;
const MAX_ROWS = 300;
const FIELDS = 6;
const FIGURES_EVERY_MS = 1000;
const RESTART_AFTER_MS = 10_000;
const RESTART_AT_LEAST_EVERY_MS = 600_000;

/** Lends this page's GPU: downloads the model, measures, offers, and detects on what the server leases. */
export class Lender {
  wanted = $state(false);
  phase = $state<LendPhase>('off');
  /** Why it is as it is: what failed, or what the server said. */
  reason = $state<string | null>(null);
  /** Of the download, 0..1; null while there is none. */
  progress = $state<number | null>(null);
  info = $state.raw<BrowserDetectorInfo | null>(null);
  /** Measured, detections a second. */
  capacityPerS = $state(0);
  detectedPerS = $state(0);
  leases = $state.raw<readonly LeaseTerms[]>([]);
  readonly #dependencies: LenderDependencies;
  readonly #taker = new FrameTaker();
  #detector: BrowserDetector | null = null;
  #abort: AbortController | null = null;
  #failure: Error | null = null;
  #unlisten: (() => void) | null = null;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #restart: ReturnType<typeof setTimeout> | undefined;
  /** Preparations that failed, in a row. */
  #failures = 0;

  constructor(dependencies: LenderDependencies) {
    this.#dependencies = dependencies;
    dependencies.link.onLeases = (leases, reason) => this.#onLeases(leases, reason);
  }

  /** Switches lending on or off; resolves when it is ready, or is not. */
  async set(wanted: boolean): Promise<void> {
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    this.reason = null;
    this.#failures = 0;
    if (wanted) await this.#prepare();
    else this.#stop('off', null);
  }

  /** The page was hidden or is shown again. */
  visibilityChanged(): void {
    if (this.phase === 'hidden' && !this.#dependencies.isHidden()) this.#offer();
    else if ((this.phase === 'waiting' || this.phase === 'lending') && this.#dependencies.isHidden()) this.#offer();
  }

  /** May be called twice. */
  close(): void {
    this.wanted = false;
    this.#stop('off', null);
  }

  async #prepare(): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    this.#failure = null;
    this.phase = 'preparing';
    try {
      const models = await this.#dependencies.models();
      const { backend, hasHalf } = this.#dependencies;
      // Half precision is for GPUs that have it; where it fails all the same there is the other.
      const half = backend !== 'wasm' && (await hasHalf()) && (await this.#fit(models, 'fp16', abort.signal));
      if (!half && !(await this.#fit(models, 'fp32', abort.signal))) throw this.#whyNone();
      if (abort.signal.aborted) return;
      this.#unlisten = this.#dependencies.listen((frame) => this.#onFrame(frame));
      this.#ticker = setInterval(() => (this.detectedPerS = this.#detector?.stats().perSecond ?? 0), FIGURES_EVERY_MS);
      this.#failures = 0;
      this.#offer();
    } catch (error) {
      if (!abort.signal.aborted) this.#onFailure(error instanceof Error ? error.message : String(error));
    }
  }

  /** Another process answers: it may have another model, or one at last. */
  async serverRestarted(): Promise<void> {
    if (this.phase === 'failed' && this.wanted) {
      this.#begin();
      return;
    }
    const { info } = this;
    if (!info) return;
    // Without an answer the server's own check of the offer remains.
    const models = await this.#dependencies.models().catch(() => null);
    if (models === null || this.info !== info || models.some(({ sha256 }) => sha256 === info.sha256)) return;
    this.#stop('failed', 'the server has another model now');
    this.#begin();
  }

  #begin(): void {
    clearTimeout(this.#restart);
    void this.#prepare();
  }

  #whyNone(): Error {
    return this.#failure ?? new Error('the server has no model for browsers');
  }

  /** Runs the largest model of a precision with which this machine keeps up; false if none can be run. */
  async #fit(models: readonly ModelEntry[], precision: ModelEntry['precision'], signal: AbortSignal): Promise<boolean> {
    const { sizes, first } = modelsOf(models, precision);
    if (!first) return false;
    try {
      const capacityPerS = await this.#run(first, signal);
      const fitting = fittingModel(sizes, first, capacityPerS, this.#dependencies.streamCount());
      if (fitting !== first) await this.#run(fitting, signal);
      return true;
    } catch (error) {
      if (signal.aborted) throw error;
      this.#failure = error instanceof Error ? error : new Error(String(error));
      return false;
    }
  }

  /** Starts a detector in the place of the one that runs, and measures it. */
  async #run(model: ModelEntry, signal: AbortSignal): Promise<number> {
    this.#detector?.close();
    this.#detector = null;
    this.phase = 'preparing';
    const { start, backend } = this.#dependencies;
    const detector = await start(
      { model, backend, scoreThreshold: SCORE_THRESHOLD, maxRows: MAX_ROWS },
      {
        onProgress: ({ loadedBytes, totalBytes }) => (this.progress = totalBytes > 0 ? loadedBytes / totalBytes : null),
        onDetections: (detections) => this.#onDetections(detections),
        onFallback: (info) => void this.#fellBack(info),
        onFailure: ({ message }) => this.#onFailure(message),
      },
      signal,
    );
    if (signal.aborted) {
      detector.close();
      throw new Error('given up');
    }
    this.#detector = detector;
    this.info = detector.info;
    this.progress = null;
    this.phase = 'measuring';
    this.capacityPerS = await detector.benchmark();
    return this.capacityPerS;
  }

  /** The GPU was lost: what was measured on it is true no longer. */
  async #fellBack(info: BrowserDetectorInfo): Promise<void> {
    this.info = info;
    const detector = this.#detector;
    if (!detector || (this.phase !== 'waiting' && this.phase !== 'lending')) return;
    this.capacityPerS = await detector.benchmark();
    if (this.#detector === detector) this.#offer();
  }

  #offer(): void {
    const { link, isHidden } = this.#dependencies;
    if (!this.info) return;
    this.phase = isHidden() ? 'hidden' : 'waiting';
    this.leases = [];
    const offer = { backend: this.info.backend, detectionsPerS: this.capacityPerS, model: this.info.sha256 };
    link.lend(this.phase === 'hidden' ? null : offer);
  }

  #onLeases(leases: readonly LeaseTerms[], reason: string | null): void {
    if (this.phase !== 'waiting' && this.phase !== 'lending') return;
    for (const { stream } of this.leases)
      if (!leases.some((lease) => lease.stream === stream)) this.#detector?.remove(stream);
    this.leases = leases;
    this.phase = leases.length > 0 ? 'lending' : 'waiting';
    this.reason = reason;
  }

  #onFrame(frame: Parameters<FrameListener>[0]): void {
    if (!this.#detector || !this.leases.some(({ stream }) => stream === frame.stream)) return;
    if (frame.metadata.rtpTimestamp === undefined) {
      this.#stop(
        'failed',
        'This browser does not tell the RTP timestamp of a frame, by which the server would know it',
      );
      return;
    }
    this.#taker.take(frame, this.#detector);
  }

  #onDetections(detections: BrowserDetections): void {
    const lease = this.leases.find(({ stream }) => stream === detections.stream);
    if (!lease) return;
    // Best first: what is below the lease's threshold, or beyond its rows, is at the end.
    let count = Math.min(lease.maxRows, detections.rows.length / FIELDS);
    while (count > 0 && detections.rows[(count - 1) * FIELDS + 4]! < lease.scoreThreshold) count--;
    this.#dependencies.link.sendDetections(
      { ...detections, rows: detections.rows.subarray(0, count * FIELDS) },
      lease.lease,
    );
  }

  #onFailure(message: string): void {
    const waitMs = Math.min(RESTART_AFTER_MS * 2 ** this.#failures++, RESTART_AT_LEAST_EVERY_MS);
    this.#stop('failed', `${message}; tried again in ${waitMs / 1000} s`);
    this.#restart = setTimeout(() => this.#begin(), waitMs);
  }

  #stop(phase: 'off' | 'failed', reason: string | null): void {
    clearTimeout(this.#restart);
    clearInterval(this.#ticker);
    this.#abort?.abort();
    this.#unlisten?.();
    this.#unlisten = null;
    if (this.phase === 'waiting' || this.phase === 'lending') this.#dependencies.link.lend(null);
    this.#detector?.close();
    this.#detector = null;
    this.phase = phase;
    this.reason = reason;
    this.info = null;
    this.progress = null;
    this.leases = [];
    this.detectedPerS = 0;
  }
}
