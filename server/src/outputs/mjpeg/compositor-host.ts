import { Worker } from 'node:worker_threads';

import type { Clock } from '../../core/clock.js';
import { Pulse } from '../../core/pulse.js';
import { LanecastError } from '../../core/errors.js';
import { workerHeap } from '../../ops/worker-heap.js';
import { workerUrl } from '../../ops/worker-url.js';
import type { ComposedJpeg, CompositorOptions, FromCompositor, SnapshotPicture, ToCompositor } from './protocol.js';
import type { TileStatus } from './tile-status.js';

const RESTART_FIRST_MS = 250;
const RESTART_LONGEST_MS = 10_000;
/** A thread that has worked this long was not killed by what it was started with: the next restart is quick again. */
const HEALTHY_AFTER_MS = 30_000;
const SNAPSHOT_TIMEOUT_MS = 5000;
/** How long a picture that is being drawn may take when closing. */
const CLOSE_TIMEOUT_MS = 3000;

export interface CompositorEvents {
  onJpeg(viewId: string, composed: ComposedJpeg): void;
  /** A new thread is there in place of a dead one: send it the views again. */
  onRestarted(): void;
  /** The thread died; a new one starts in `retryInMs`. */
  onDied(reason: string, retryInMs: number): void;
}

interface PendingSnapshot {
  resolve: (jpeg: ArrayBuffer) => void;
  reject: (error: LanecastError) => void;
  cancelTimeout: () => void;
}

/** Owns the compositor thread: starts it when it is first needed, starts it again when it dies. */
export class CompositorHost {
  readonly #options: CompositorOptions;
  readonly #events: CompositorEvents;
  readonly #clock: Clock;
  readonly #createWorker: (options: CompositorOptions) => Worker;
  readonly #pending = new Map<number, PendingSnapshot>();
  #worker: Worker | null = null;
  #pulse = new Pulse();
  #startedAtMs = 0;
  #restartDelayMs = RESTART_FIRST_MS;
  #cancelRestart: (() => void) | null = null;
  #restarts = 0;
  #nextRequest = 0;
  #closed = false;

  constructor(
    options: CompositorOptions,
    events: CompositorEvents,
    clock: Clock,
    createWorker: (options: CompositorOptions) => Worker = startWorker,
  ) {
    this.#options = options;
    this.#events = events;
    this.#clock = clock;
    this.#createWorker = createWorker;
  }

  /** How often a dead thread was replaced. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Beats of the thread while a view is open. */
  get beats(): number {
    return this.#pulse.beats;
  }

  /** Sends a message; while the thread is being restarted it is lost (`onRestarted` comes afterwards). */
  post(message: ToCompositor, transfer: ArrayBuffer[] = []): void {
    if (this.#closed || this.#cancelRestart) return;
    this.#worker ??= this.#start();
    this.#worker.postMessage(message, transfer);
  }

  /** Draws upon a picture and encodes it. Rejects with `compositor-unavailable`. */
  snapshot(picture: SnapshotPicture, status: TileStatus): Promise<ArrayBuffer> {
    if (this.#closed || this.#cancelRestart)
      return Promise.reject(unavailable('it is being restarted; try again in a moment'));
    const requestId = this.#nextRequest++;
    return new Promise((resolve, reject) => {
      const cancelTimeout = this.#clock.after(SNAPSHOT_TIMEOUT_MS, () =>
        this.#settle(requestId)?.reject(unavailable(`it took longer than ${SNAPSHOT_TIMEOUT_MS} ms`)),
      );
      this.#pending.set(requestId, { resolve, reject, cancelTimeout });
      this.post({ type: 'snapshot', requestId, picture, status }, [picture.data.buffer as ArrayBuffer]);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRestart?.();
    this.#rejectPending('the server is shutting down');
    const worker = this.#worker;
    this.#worker = null;
    if (!worker) return;
    // To end a thread inside a call into FFmpeg ends the whole process, so it is asked to go by itself.
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage({ type: 'close' } satisfies ToCompositor);
    const force = setTimeout(() => void worker.terminate(), CLOSE_TIMEOUT_MS);
    await ended;
    clearTimeout(force);
  }

  #start(): Worker {
    this.#pulse = new Pulse();
    const worker = this.#createWorker({ ...this.#options, pulse: this.#pulse.buffer });
    this.#startedAtMs = this.#clock.nowMs();
    let reason = '';
    worker.on('message', (message: FromCompositor) => this.#receive(message));
    worker.on('error', (error) => (reason = error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => this.#died(worker, reason || `exit code ${code}`));
    return worker;
  }

  #receive(message: FromCompositor): void {
    if (this.#closed) return;
    switch (message.type) {
      case 'jpeg':
        this.post({ type: 'ack', viewId: message.viewId });
        this.#events.onJpeg(message.viewId, message);
        break;
      case 'snapshot':
        this.#settle(message.requestId)?.resolve(message.jpeg);
        break;
      case 'snapshot-failed':
        this.#settle(message.requestId)?.reject(unavailable(message.message));
        break;
    }
  }

  #died(worker: Worker, reason: string): void {
    if (this.#closed || worker !== this.#worker) return;
    this.#worker = null;
    this.#rejectPending(reason);
    if (this.#clock.nowMs() - this.#startedAtMs > HEALTHY_AFTER_MS) this.#restartDelayMs = RESTART_FIRST_MS;
    const delayMs = this.#restartDelayMs;
    this.#restartDelayMs = Math.min(RESTART_LONGEST_MS, 2 * delayMs);
    this.#cancelRestart = this.#clock.after(delayMs, () => {
      this.#cancelRestart = null;
      this.#restarts++;
      this.#worker = this.#start();
      this.#events.onRestarted();
    });
    this.#events.onDied(reason, delayMs);
  }

  #settle(requestId: number): PendingSnapshot | undefined {
    const pending = this.#pending.get(requestId);
    pending?.cancelTimeout();
    this.#pending.delete(requestId);
    return pending;
  }

  #rejectPending(reason: string): void {
    for (const requestId of [...this.#pending.keys()]) this.#settle(requestId)?.reject(unavailable(reason));
  }
}

function startWorker(options: CompositorOptions): Worker {
  return new Worker(workerUrl(import.meta.url, './worker.js'), {
    workerData: options,
    name: 'compositor',
    resourceLimits: workerHeap(),
  });
}

function unavailable(reason: string): LanecastError {
  return new LanecastError('compositor-unavailable', `The picture could not be drawn: ${reason}`);
}
