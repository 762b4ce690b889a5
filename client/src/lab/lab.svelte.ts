import type { ModelEntry } from '@lanecast/server/core/model-entry';
import {
  startBrowserDetector,
  type BrowserDetections,
  type BrowserDetector,
  type BrowserDetectorInfo,
} from '../detector/browser-detector.js';
import { ApiError, getJson } from '../state/api.js';
import type { StreamInfo } from '../state/server-types.js';
import { watchCamera, type CameraVideo } from './camera-video.js';
import { compareBackends, type Comparison } from './compare.js';
import { keepFrame, type KeptFrame } from './kept-frame.js';
import { describeMachine, type Machine } from './machine-facts.js';
import { StageFigures, type StageMedians } from './stage-figures.js';
import { suppress, type ShownBox } from './suppress.js';

const SCORE_THRESHOLD = 0.1;
const MAX_ROWS = 300;
const IOU_THRESHOLD = 0.45;
const FIGURES_MS = 500;
const COMPARED_FRAMES = 12;
const COMPARED_EVERY_MS = 150;

export type Source = { kind: 'camera'; id: string } | { kind: 'file'; name: string };
export type BackendChoice = 'auto' | 'webgpu' | 'wasm';

/** What one detection gave to draw. */
export interface Shown {
  /** The very frame that was detected on: boxes are drawn on it, not on the video, which has gone on. */
  frame: VideoFrame;
  boxes: ShownBox[];
  classes: readonly string[];
}

/** What the lab's page shows, and what it does; the components read it. */
export class Lab {
  /** Tests only. */
  readonly allowSoftwareGpu = new URLSearchParams(location.search).has('software-gpu');

  models = $state.raw<readonly ModelEntry[]>([]);
  cameras = $state.raw<readonly StreamInfo[]>([]);
  machine = $state.raw<Machine | null>(null);
  source = $state.raw<Source | null>(null);
  sha256 = $state('');
  backend = $state<BackendChoice>('auto');
  /** From which score on a box is drawn. */
  minScore = $state(0.4);
  info = $state.raw<BrowserDetectorInfo | null>(null);
  progress = $state.raw<{ loadedBytes: number; totalBytes: number } | null>(null);
  medians = $state.raw<StageMedians | null>(null);
  perSecond = $state(0);
  shown = $state.raw<Shown | null>(null);
  /** What is under way; null: it runs, or there is nothing to do. */
  doing = $state<string | null>('Asking the server for its models');
  problem = $state<string | null>(null);
  needsToken = $state(false);
  comparing = $state<string | null>(null);
  comparison = $state.raw<Comparison | null>(null);

  readonly #figures = new StageFigures();
  #video: HTMLVideoElement | null = null;
  #camera: CameraVideo | null = null;
  #fileUrl: string | null = null;
  #detector: BrowserDetector | null = null;
  #starting: AbortController | null = null;
  #watching: AbortController | null = null;
  #comparisonStop: AbortController | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #frameCallback = 0;
  #rows: BrowserDetections | null = null;
  /** Second handles of the frames that are on their way, by number. */
  readonly #pending = new Map<number, VideoFrame>();
  #submitted = 0;
  #shownFrame: VideoFrame | null = null;

  get model(): ModelEntry | null {
    return this.models.find((entry) => entry.sha256 === this.sha256) ?? null;
  }

  async start(video: HTMLVideoElement): Promise<void> {
    this.#video = video;
    this.#frameCallback = video.requestVideoFrameCallback(this.#onFrame);
    this.#timer = setInterval(() => this.#showFigures(), FIGURES_MS);
    this.machine = await describeMachine(this.allowSoftwareGpu);
    try {
      this.models = await getJson<ModelEntry[]>('/api/models');
      this.cameras = await getJson<StreamInfo[]>('/api/streams');
    } catch (error) {
      this.needsToken = error instanceof ApiError && error.status === 401;
      this.problem = this.needsToken ? null : await this.#whyNoModels(error);
      this.doing = null;
      return;
    }
    this.sha256 = this.models.find(({ isDefault }) => isDefault)?.sha256 ?? '';
    const live = this.cameras.find(({ state, webrtcFault }) => state === 'live' && webrtcFault === null);
    // Unless a file was chosen meanwhile.
    if (live && this.source === null) void this.openCamera(live.id);
    await this.restart();
  }

  /** Begins anew with the model and the backend that are chosen. */
  async restart(): Promise<void> {
    this.#stopDetector();
    const { model } = this;
    if (!model) return;
    this.problem = null;
    const starting = new AbortController();
    this.#starting = starting;
    this.doing = 'Loading the model';
    try {
      const detector = await startBrowserDetector(
        {
          model,
          backend: this.backend,
          scoreThreshold: SCORE_THRESHOLD,
          maxRows: MAX_ROWS,
          timeStages: true,
          allowSoftwareGpu: this.allowSoftwareGpu,
        },
        {
          onDetections: (detections) => this.#onDetections(detections),
          onProgress: (progress) => {
            this.progress = progress;
            if (progress.loadedBytes === progress.totalBytes) this.doing = 'Compiling for this machine';
          },
          onFallback: (info) => (this.info = info),
          onFailure: ({ message }) => {
            this.#stopDetector();
            this.problem = message;
          },
        },
        starting.signal,
      );
      if (starting.signal.aborted) {
        detector.close();
        return;
      }
      this.#detector = detector;
      this.info = detector.info;
      this.doing = null;
    } catch (error) {
      if (starting.signal.aborted) return;
      this.doing = null;
      this.problem = messageOf(error);
    } finally {
      if (this.#starting === starting) this.progress = null;
    }
  }

  async openCamera(id: string): Promise<void> {
    this.#closeSource();
    this.source = { kind: 'camera', id };
    const watching = new AbortController();
    this.#watching = watching;
    try {
      const camera = await watchCamera(id, watching.signal);
      this.#camera = camera;
      if (this.#video) this.#video.srcObject = camera.stream;
      await this.#video?.play();
    } catch (error) {
      if (!watching.signal.aborted) this.problem = `${id} cannot be shown: ${messageOf(error)}`;
    }
  }

  async openFile(file: File): Promise<void> {
    this.#closeSource();
    this.problem = null;
    this.source = { kind: 'file', name: file.name };
    this.#fileUrl = URL.createObjectURL(file);
    const video = this.#video;
    if (!video) return;
    video.src = this.#fileUrl;
    try {
      await video.play();
    } catch (error) {
      if (this.source.name === file.name && video.error)
        this.problem = `${file.name} cannot be played here: ${video.error.message || messageOf(error)}`;
    }
  }

  async compare(): Promise<void> {
    const { model } = this;
    if (!model || this.comparing !== null) return;
    const stop = new AbortController();
    this.#comparisonStop = stop;
    this.comparing = 'Taking frames';
    this.comparison = null;
    this.problem = null;
    const frames: KeptFrame[] = [];
    try {
      frames.push(...(await this.#takeFrames(stop.signal)));
      // Two detectors at a time would take each other's machine.
      this.#stopDetector();
      this.comparison = await compareBackends({
        model,
        frames,
        allowSoftwareGpu: this.allowSoftwareGpu,
        onStep: (step) => (this.comparing = step),
        signal: stop.signal,
      });
    } catch (error) {
      if (!stop.signal.aborted) this.problem = messageOf(error);
    } finally {
      for (const frame of frames) frame.close();
      this.comparing = null;
      if (!stop.signal.aborted) void this.restart();
    }
  }

  /** May be called twice. */
  close(): void {
    clearInterval(this.#timer);
    this.#video?.cancelVideoFrameCallback(this.#frameCallback);
    this.#comparisonStop?.abort();
    this.#stopDetector();
    this.#closeSource();
  }

  readonly #onFrame = (_now: number, metadata: VideoFrameCallbackMetadata): void => {
    const video = this.#video!;
    this.#frameCallback = video.requestVideoFrameCallback(this.#onFrame);
    if (!this.#detector || this.comparing !== null) return;
    try {
      const frame = new VideoFrame(video, { timestamp: Math.round(metadata.mediaTime * 1e6) });
      const number = this.#submitted++;
      // The oldest is worked on; of those after it the newest replaces the others, as in the detector.
      const [, waiting] = this.#pending.keys();
      if (waiting !== undefined) this.#drop(waiting);
      this.#pending.set(number, frame.clone());
      this.#detector.submit('lab', frame, number);
    } catch {
      // The picture may be gone by now, where the source changes: the next comes.
    }
  };

  #onDetections(detections: BrowserDetections): void {
    this.#figures.add(detections.timings);
    const frame = this.#pending.get(detections.rtpTimestamp);
    this.#pending.delete(detections.rtpTimestamp);
    this.#forget(detections.rtpTimestamp);
    if (!frame) return;
    this.#rows = detections;
    this.#shownFrame?.close();
    this.#shownFrame = frame;
    this.show();
  }

  /** Draws the last detection again, with the boxes that are wanted now. */
  show(): void {
    const [rows, frame] = [this.#rows, this.#shownFrame];
    if (!rows || !frame || !this.info) return;
    this.shown = { frame, boxes: suppress(rows.rows, IOU_THRESHOLD, this.minScore), classes: this.info.classes };
  }

  #showNothing(): void {
    this.shown = null;
    this.#rows = null;
    this.#shownFrame?.close();
    this.#shownFrame = null;
    this.#forget(Infinity);
  }

  #forget(upTo: number): void {
    for (const number of [...this.#pending.keys()]) if (number <= upTo) this.#drop(number);
  }

  #drop(number: number): void {
    this.#pending.get(number)?.close();
    this.#pending.delete(number);
  }

  #showFigures(): void {
    this.medians = this.#figures.medians();
    this.perSecond = this.#detector?.stats().perSecond ?? 0;
  }

  async #takeFrames(signal: AbortSignal): Promise<KeptFrame[]> {
    const video = this.#video;
    if (!video || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA)
      throw new Error('There is no picture yet: choose a camera or a file first');
    const frames: KeptFrame[] = [];
    while (frames.length < COMPARED_FRAMES) {
      signal.throwIfAborted();
      this.comparing = `Taking frame ${frames.length + 1} of ${COMPARED_FRAMES}`;
      frames.push(await keepFrame(new VideoFrame(video, { timestamp: frames.length })));
      await new Promise((resolve) => setTimeout(resolve, COMPARED_EVERY_MS));
    }
    return frames;
  }

  #stopDetector(): void {
    this.#starting?.abort();
    this.#detector?.close();
    this.#detector = null;
    this.#figures.clear();
    this.#showNothing();
    this.info = null;
    this.medians = null;
    this.perSecond = 0;
  }

  #closeSource(): void {
    this.#watching?.abort();
    this.#camera?.close();
    this.#camera = null;
    this.source = null;
    this.#showNothing();
    const video = this.#video;
    if (video) {
      video.srcObject = null;
      video.removeAttribute('src');
    }
    if (this.#fileUrl !== null) URL.revokeObjectURL(this.#fileUrl);
    this.#fileUrl = null;
  }

  async #whyNoModels(error: unknown): Promise<string> {
    if (!(error instanceof ApiError)) return 'The server does not answer';
    // The server says why, and what to do about it.
    const { detail } = (await (await fetch('/api/models')).json().catch(() => ({}))) as { detail?: string };
    return detail ?? error.message;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
