import { Worker } from 'node:worker_threads';
import { LanecastError } from '../../core/errors.js';
import { Pulse, type StageSign } from '../../core/pulse.js';
import type { Log } from '../../core/log.js';
import type { PacketSubscription } from '../../ingest/packet-tap.js';
import { workerHeap } from '../../ops/worker-heap.js';
import { workerUrl } from '../../ops/worker-url.js';
import { LoadGate, type MediaLoad } from './load-gate.js';
import type { FromMedia, MediaCounters, MediaWorkerData, ToMedia } from './messages.js';
import type { MediaLine, PeerEvents, PeerOptions } from './peer.js';

const RESTART_DELAY_MS = 1000;
/** A busy worker gets time: Node 20 may abort where a thread is terminated while datagrams arrive. */
const CLOSE_TIMEOUT_MS = 3000;
/** An offer that is not answered in this time never will be. */
const ANSWER_TIMEOUT_MS = 8000;

export interface ViewerEvents extends Omit<PeerEvents, 'onPictureLoss' | 'onDetections'> {
  /** Of viewers that may lend. */
  onDetections?(message: Uint8Array): void;
  onFlooded?(): void;
}

interface Pending {
  viewer: number;
  resolve: (sdp: string) => void;
  reject: (error: LanecastError) => void;
  timer: NodeJS.Timeout;
}

export interface MediaHostOptions {
  maxPayloadBytes: number;
  /** See MediaWorkerData. Default 0. */
  lossPercent?: number;
  log: Log;
  /** A stream's packets stopped: its worker, or the media worker, ended. */
  onDetached: (stream: string) => void;
  /** Somebody watches the stream from now on, or nobody any more. */
  onWatched?: (stream: string, watched: boolean) => void;
  createWorker?: (data: MediaWorkerData) => Worker;
}

const NOTHING: MediaCounters = {
  peers: 0,
  packetsSent: 0,
  bytesSent: 0,
  unitsDropped: 0,
  unitsMissed: 0,
  tracksSent: 0,
  tracksDropped: 0,
  pictureLosses: 0,
  unhandledRejections: 0,
};

const IDLE: MediaLoad = { delayP99Ms: 0, utilization: 0 };

/** The main thread's end of the media worker. A worker that dies is replaced; its viewers come back by themselves. */
export class MediaHost {
  readonly #options: MediaHostOptions;
  readonly #viewers = new Map<number, ViewerEvents>();
  readonly #pending = new Map<number, Pending>();
  readonly #attached = new Set<string>();
  readonly #watched = new Set<string>();
  #worker: Worker | null = null;
  #pulse = new Pulse();
  #deaths = 0;
  #ended: Promise<void> = Promise.resolve();
  #restart: NodeJS.Timeout | undefined;
  #counters = NOTHING;
  #load = IDLE;
  #gate = new LoadGate();
  /** Of workers that have ended. */
  #past = NOTHING;
  #next = 1;
  #closed = false;

  constructor(options: MediaHostOptions) {
    this.#options = options;
    this.#spawn();
  }

  get counters(): MediaCounters {
    const sum = { ...this.#counters };
    for (const key of Object.keys(sum) as (keyof MediaCounters)[]) sum[key] += this.#past[key];
    return sum;
  }

  /** How busy the worker was lately. */
  get load(): MediaLoad {
    return this.#load;
  }

  /** It has had more than it can do for seconds: one more viewer would make it worse for all. */
  get isOverloaded(): boolean {
    return this.#gate.isClosed;
  }

  /** Workers that died and were replaced. */
  get deaths(): number {
    return this.#deaths;
  }

  sign(): StageSign {
    return { name: 'media worker', input: null, output: this.#pulse.beats, patient: false };
  }

  /** Opens a peer connection; the number names it from then on. */
  open(peer: PeerOptions, waits: boolean, events: ViewerEvents): number {
    const viewer = this.#next++;
    this.#viewers.set(viewer, events);
    if (this.#worker) this.#post({ type: 'open', viewer, peer, waits });
    else setImmediate(() => this.#end(viewer, 'the media worker is being restarted'));
    return viewer;
  }

  /** Rejects with a LanecastError `offer-refused`. */
  answer(viewer: number, sdp: string, lines: readonly MediaLine[]): Promise<string> {
    const request = this.#next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#refuse(request, 'it took too long'), ANSWER_TIMEOUT_MS);
      this.#pending.set(request, { viewer, resolve, reject, timer });
      this.#post({ type: 'offer', viewer, request, sdp, lines });
    });
  }

  addCandidate(viewer: number, candidate: string, mid: string | null): void {
    this.#post({ type: 'candidate', viewer, candidate, mid });
  }

  watch(viewer: number, streams: readonly string[]): void {
    this.#post({ type: 'watch', viewer, streams });
  }

  setWaits(viewer: number, waits: boolean): void {
    this.#post({ type: 'mode', viewer, waits });
  }

  /** See `MediaViewer.setLent`. */
  setLent(viewer: number, mayLend: boolean, streams: readonly string[]): void {
    this.#post({ type: 'lent', viewer, mayLend, streams });
  }

  leave(viewer: number): void {
    if (this.#viewers.delete(viewer)) this.#post({ type: 'leave', viewer });
  }

  isAttached(stream: string): boolean {
    return this.#attached.has(stream);
  }

  /** A viewer is connected to whom the stream is to be sent. */
  isWatched(stream: string): boolean {
    return this.#watched.has(stream);
  }

  attach(stream: string, subscription: PacketSubscription): void {
    const { port } = subscription;
    if (!this.#worker) {
      port.close();
      return;
    }
    this.#attached.add(stream);
    this.#worker.postMessage({ type: 'packets', stream, ...subscription } satisfies ToMedia, [port]);
  }

  detach(stream: string): void {
    if (this.#attached.delete(stream)) this.#post({ type: 'detach', stream });
  }

  hold(stream: string, holdMs: number): void {
    this.#post({ type: 'hold', stream, holdMs });
  }

  sendTracks(stream: string, message: Uint8Array): void {
    this.#post({ type: 'tracks', stream, message });
  }

  /** May be called twice. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      clearTimeout(this.#restart);
      for (const request of [...this.#pending.keys()]) this.#refuse(request, 'the server ends');
      this.#post({ type: 'close' });
    }
    const worker = this.#worker;
    const timer = setTimeout(() => void worker?.terminate(), CLOSE_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  #spawn(): void {
    const { createWorker = createMediaWorker, maxPayloadBytes, lossPercent = 0 } = this.#options;
    this.#pulse = new Pulse();
    const worker = createWorker({ maxPayloadBytes, lossPercent, pulse: this.#pulse.buffer });
    this.#worker = worker;
    let reason = 'it ended';
    worker.on('message', (message: FromMedia) => this.#receive(message));
    worker.on('error', (error) => (reason = String(error)));
    this.#ended = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#worker = null;
        if (!this.#closed) this.#died(reason);
        resolve();
      });
    });
  }

  #died(reason: string): void {
    this.#deaths++;
    this.#options.log.warn({}, `the media worker died (${reason}); a new one is started, viewers connect again`);
    this.#past = { ...this.counters, peers: 0 };
    this.#gate = new LoadGate();
    this.#load = IDLE;
    this.#counters = NOTHING;
    for (const request of [...this.#pending.keys()]) this.#refuse(request, 'the media worker died');
    for (const viewer of [...this.#viewers.keys()]) this.#end(viewer, 'the media worker died');
    const streams = [...this.#attached];
    this.#attached.clear();
    this.#watched.clear();
    this.#restart = setTimeout(() => {
      this.#spawn();
      for (const stream of streams) this.#options.onDetached(stream);
    }, RESTART_DELAY_MS);
  }

  #receive(message: FromMedia): void {
    switch (message.type) {
      case 'answer':
        this.#settle(message.request)?.resolve(message.sdp);
        return;
      case 'refused':
        this.#refuse(message.request, message.reason);
        return;
      case 'candidate':
        this.#viewers.get(message.viewer)?.onCandidate(message.candidate, message.mid);
        return;
      case 'connected':
        this.#viewers.get(message.viewer)?.onConnected();
        return;
      case 'detections':
        this.#viewers.get(message.viewer)?.onDetections?.(message.message);
        return;
      case 'flooded':
        this.#viewers.get(message.viewer)?.onFlooded?.();
        return;
      case 'ended':
        this.#end(message.viewer, message.reason);
        return;
      case 'detached':
        if (this.#attached.delete(message.stream)) this.#options.onDetached(message.stream);
        return;
      case 'watched':
        if (message.watched) this.#watched.add(message.stream);
        else this.#watched.delete(message.stream);
        this.#options.onWatched?.(message.stream, message.watched);
        return;
      case 'counters':
        this.#counters = message.counters;
        this.#observe(message.load);
    }
  }

  #observe(load: MediaLoad): void {
    this.#load = load;
    if (!this.#gate.observe(load)) return;
    const figures = `${load.delayP99Ms.toFixed(0)} ms late, ${(load.utilization * 100).toFixed(0)} % busy`;
    const { log } = this.#options;
    const refused = 'unless webrtc.refuseWhenBusy is off, further viewers are refused';
    if (this.#gate.isClosed) log.warn({}, `the media worker is overloaded (${figures}); ${refused}`);
    else log.info({}, `the media worker keeps up again (${figures}): viewers are welcome`);
  }

  #end(viewer: number, reason: string): void {
    const events = this.#viewers.get(viewer);
    this.#viewers.delete(viewer);
    events?.onEnd(reason);
  }

  #settle(request: number): Pending | undefined {
    const pending = this.#pending.get(request);
    this.#pending.delete(request);
    clearTimeout(pending?.timer);
    return pending;
  }

  #refuse(request: number, reason: string): void {
    this.#settle(request)?.reject(new LanecastError('offer-refused', `The offer could not be answered: ${reason}`));
  }

  #post(message: ToMedia): void {
    this.#worker?.postMessage(message);
  }
}

/** A real media worker thread. */
export function createMediaWorker(data: MediaWorkerData): Worker {
  return new Worker(workerUrl(import.meta.url, 'worker.js'), {
    workerData: data,
    name: 'media',
    // As for the ingest workers: packets outlive the young generation, however large it is.
    resourceLimits: workerHeap(16),
  });
}
