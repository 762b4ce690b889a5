import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Worker } from 'node:worker_threads';

import type { Logger } from 'pino';

import type { Clock } from '../../core/clock.js';
import type { StageSign } from '../../core/pulse.js';
import { LanecastError } from '../../core/errors.js';
import type { StreamInfo } from '../../core/types.js';
import type { Pipeline, StreamListChange } from '../../pipeline/api.js';
import { unknownStream } from '../unknown-stream.js';
import { CompositorHost } from './compositor-host.js';
import { gridLayout, singleLayout } from './layout.js';
import { MjpegClient } from './mjpeg-client.js';
import type { Framing } from './multipart.js';
import type { ComposedJpeg, CompositorOptions, ToCompositor } from './protocol.js';
import { StatusBoard } from './status-board.js';
import type { TileStatus } from './tile-status.js';
import type { ViewPlan } from './view.js';
import { View } from './view.js';

const HOUSEKEEPING_MS = 1000;
/** A grid snapshot waits this long for every live stream's first picture, then shows what there is. */
const SNAPSHOT_COMPLETE_MS = 2000;
/** ... and this long for any picture at all. */
const SNAPSHOT_TIMEOUT_MS = 6000;
/** The newest JPEG of a running grid serves as a snapshot up to this age. */
const SNAPSHOT_FRESH_MS = 1000;
/** Viewers of a stream that was removed see a last picture that says so, for which there is this time. */
const FAREWELL_MS = 1500;

export interface MjpegOptions extends CompositorOptions {
  /** Even. */
  width: number;
  /** Even. */
  height: number;
  /** Clients of all views together; one more is refused. */
  maxClients: number;
}

export const MJPEG_DEFAULTS: MjpegOptions = {
  width: 1280,
  height: 720,
  maxFps: 12,
  quality: 80,
  maxClients: 64,
};

/** Figures for `/api/stats` and `/metrics`. */
export interface MjpegStats {
  clients: number;
  openViews: number;
  jpegsComposed: number;
  jpegsSent: number;
  /** Not sent, because the client's socket was full and a newer one came. */
  jpegsReplaced: number;
  /** Drawing and encoding of the last picture. */
  lastComposeMs: number;
  compositorRestarts: number;
}

export interface MjpegDependencies {
  pipeline: Pipeline;
  clock: Clock;
  logger: Logger;
  epochMs?: () => number;
  createWorker?: (options: CompositorOptions) => Worker;
}

/** Motion JPEG and snapshots of the grid and of each stream, drawn by one compositor thread for all clients. */
export class MjpegService {
  readonly #pipeline: Pipeline;
  readonly #options: MjpegOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #host: CompositorHost;
  readonly #board: StatusBoard;
  readonly #epochMs: () => number;
  readonly #grid: View;
  readonly #singles = new Map<string, View>();
  /** Of streams that were removed, until their viewers have been told. */
  readonly #ending = new Map<View, () => void>();
  readonly #clients = new Map<MjpegClient, View>();
  readonly #unsubscribe: () => void;
  readonly #streamSnapshots = new Map<string, Promise<Buffer>>();
  #gridSnapshot: Promise<Buffer> | null = null;
  #cancelHousekeeping: (() => void) | null = null;
  #jpegsComposed = 0;
  #lastComposeMs = 0;
  // Of clients that have left.
  #sentBefore = 0;
  #replacedBefore = 0;
  #nextView = 0;
  #closed = false;

  constructor({ pipeline, clock, logger, epochMs, createWorker }: MjpegDependencies, options: MjpegOptions) {
    this.#pipeline = pipeline;
    this.#options = options;
    this.#clock = clock;
    this.#logger = logger;
    this.#host = new CompositorHost(
      { maxFps: options.maxFps, quality: options.quality },
      {
        onJpeg: (viewId, composed) => this.#deliver(viewId, composed),
        onDied: (reason, retryInMs) =>
          this.#logger.error({ reason, retryInMs }, 'the MJPEG compositor died; it is being restarted'),
        onRestarted: () => this.#reopen(),
      },
      clock,
      createWorker,
    );
    this.#epochMs = epochMs ?? Date.now;
    this.#board = new StatusBoard(pipeline, this.#epochMs, () => this.#postStatuses());
    this.#grid = this.#createView('grid', () => this.#planGrid());
    this.#unsubscribe = pipeline.onStreams((change) => this.#followList(change));
  }

  stats(): MjpegStats {
    let sent = this.#sentBefore;
    let replaced = this.#replacedBefore;
    for (const client of this.#clients.keys()) {
      sent += client.sent;
      replaced += client.replaced;
    }
    return {
      clients: this.#clients.size,
      openViews: this.#views().filter((view) => view.isOpen).length,
      jpegsComposed: this.#jpegsComposed,
      jpegsSent: sent,
      jpegsReplaced: replaced,
      lastComposeMs: this.#lastComposeMs,
      compositorRestarts: this.#host.restarts,
    };
  }

  /** Of the compositor, while somebody watches. */
  signs(): StageSign[] {
    if (!this.#views().some((view) => view.isOpen)) return [];
    return [{ name: 'compositor', input: null, output: this.#host.beats, patient: false }];
  }

  /**
   * Streams the grid (`streamId` null) or one stream to a client until it leaves. Throws, before anything is sent, a
   * LanecastError `stream-unknown` or `too-many-viewers`.
   */
  serve(streamId: string | null, response: ServerResponse, headers: OutgoingHttpHeaders, framing: Framing): void {
    const view = streamId === null ? this.#grid : this.#single(streamId);
    if (this.#clients.size >= this.#options.maxClients)
      throw new LanecastError(
        'too-many-viewers',
        `${this.#clients.size} clients watch already, which is the limit; close one and try again`,
      );
    let client: MjpegClient | null = null;
    // First, because it may throw: then nothing has been sent yet.
    const unwatch = this.#watch(view, (jpeg) => client?.onJpeg(jpeg));
    const opened = new MjpegClient(
      response,
      headers,
      framing,
      () => this.#clock.nowMs(),
      () => {
        unwatch();
        this.#clients.delete(opened);
        this.#sentBefore += opened.sent;
        this.#replacedBefore += opened.replaced;
      },
    );
    client = opened;
    this.#clients.set(opened, view);
    if (view.latest) opened.onJpeg(view.latest.jpeg);
  }

  /** One JPEG of the grid; composes it if nobody watches. Rejects with `compositor-unavailable`. */
  gridSnapshot(): Promise<Buffer> {
    const latest = this.#grid.latest;
    if (latest?.missing === 0 && this.#clock.nowMs() - latest.atMs < SNAPSHOT_FRESH_MS)
      return Promise.resolve(latest.jpeg);
    this.#gridSnapshot ??= this.#composeGridSnapshot().finally(() => (this.#gridSnapshot = null));
    return this.#gridSnapshot;
  }

  /**
   * The newest frame of a stream at source resolution, with its boxes, as JPEG. Rejects with `stream-unknown`,
   * `no-picture` or `compositor-unavailable`.
   */
  streamSnapshot(streamId: string): Promise<Buffer> {
    const running = this.#streamSnapshots.get(streamId);
    if (running) return running;
    const promise = this.#composeStreamSnapshot(streamId).finally(() => this.#streamSnapshots.delete(streamId));
    this.#streamSnapshots.set(streamId, promise);
    return promise;
  }

  /** Ends every stream; may be called twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelHousekeeping?.();
    for (const cancel of this.#ending.values()) cancel();
    this.#unsubscribe();
    this.#board.close();
    for (const client of this.#clients.keys()) client.close();
    for (const view of this.#views()) view.close();
    await this.#host.close();
  }

  #watch(view: View, onJpeg: (jpeg: Buffer, missing: number) => void): () => void {
    const wasOpen = view.isOpen;
    if (!wasOpen) this.#postStatuses(true);
    const unwatch = view.watch({ onJpeg });
    if (!this.#cancelHousekeeping) this.#scheduleHousekeeping();
    return unwatch;
  }

  async #composeGridSnapshot(): Promise<Buffer> {
    let newest: Buffer | null = null;
    let unwatch: () => void = () => undefined;
    let cancel: (() => void)[] = [];
    try {
      return await new Promise<Buffer>((resolve, reject) => {
        let complete = false;
        cancel = [
          this.#clock.after(SNAPSHOT_COMPLETE_MS, () => {
            complete = true;
            if (newest) resolve(newest);
          }),
          this.#clock.after(SNAPSHOT_TIMEOUT_MS, () =>
            reject(
              new LanecastError('compositor-unavailable', `The grid was not drawn within ${SNAPSHOT_TIMEOUT_MS} ms`),
            ),
          ),
        ];
        unwatch = this.#watch(this.#grid, (jpeg, missing) => {
          newest = jpeg;
          if (missing === 0 || complete) resolve(jpeg);
        });
      });
    } finally {
      unwatch();
      for (const stop of cancel) stop();
    }
  }

  async #composeStreamSnapshot(streamId: string): Promise<Buffer> {
    const { width, height, data, message } = await this.#pipeline.snapshot(streamId);
    const status = this.#board.statusOf(streamId);
    if (!status) throw unknownStream(streamId, this.#pipeline.streams());
    // A copy of our own: it is drawn upon, in another thread.
    const picture = { width, height, data: new Uint8Array(data), message };
    return Buffer.from(await this.#host.snapshot(picture, status));
  }

  #single(streamId: string): View {
    const known = this.#singles.get(streamId);
    if (known) return known;
    this.#find(streamId);
    // Numbered: a stream that was removed and came back has another view while the old one ends.
    const view = this.#createView(`stream:${streamId}:${this.#nextView++}`, () => {
      const { width, height, tile } = singleLayout(this.#find(streamId));
      return { width, height, tiles: [{ ...tile, streamId }], spare: [] };
    });
    this.#singles.set(streamId, view);
    return view;
  }

  #createView(id: string, plan: () => ViewPlan): View {
    return new View(id, this.#pipeline, plan, (message: ToCompositor) => this.#host.post(message), this.#clock);
  }

  #planGrid(): ViewPlan {
    const streams = this.#pipeline.streams();
    const { width, height } = this.#options;
    const { tiles, spare } = gridLayout(streams, width, height);
    return { width, height, spare, tiles: tiles.map((tile, index) => ({ ...tile, streamId: streams[index]!.id })) };
  }

  #find(streamId: string): StreamInfo {
    const streams = this.#pipeline.streams();
    const stream = streams.find(({ id }) => id === streamId);
    if (!stream) throw unknownStream(streamId, streams);
    return stream;
  }

  #views(): View[] {
    return [this.#grid, ...this.#singles.values(), ...this.#ending.keys()];
  }

  #deliver(viewId: string, composed: ComposedJpeg): void {
    this.#jpegsComposed++;
    this.#lastComposeMs = composed.composeMs;
    this.#views()
      .find(({ id }) => id === viewId)
      ?.deliver(composed);
  }

  #reopen(): void {
    this.#logger.info('the MJPEG compositor runs again');
    this.#postStatuses();
    for (const view of this.#views()) view.reopen();
  }

  #postStatuses(evenIfIdle = false): void {
    if (evenIfIdle || this.#views().some((view) => view.isOpen))
      this.#host.post({ type: 'status', streams: [...this.#farewells(), ...this.#board.statuses()] });
  }

  /** The grid is laid out anew at once; who watches a stream that is gone sees why, and the answer ends. */
  #followList({ removed }: StreamListChange): void {
    this.#board.forget(removed);
    for (const id of removed) {
      const view = this.#singles.get(id);
      this.#singles.delete(id);
      if (!view?.isOpen) continue;
      view.freeze(id);
      this.#ending.set(
        view,
        this.#clock.after(FAREWELL_MS, () => this.#endView(view)),
      );
    }
    this.#postStatuses();
    if (this.#grid.isOpen) this.#grid.refresh();
  }

  #endView(view: View): void {
    for (const [client, watched] of this.#clients) if (watched === view) client.end();
    this.#ending.delete(view);
    view.close();
  }

  #farewells(): TileStatus[] {
    return [...this.#ending.keys()].map(({ frozenStream }) => ({
      streamId: frozenStream ?? '',
      state: 'failed',
      reason: 'This camera was removed from the configuration',
      fps: 0,
      dropRate: 0,
      sinceEpochMs: this.#epochMs(),
    }));
  }

  #scheduleHousekeeping(): void {
    this.#cancelHousekeeping = this.#clock.after(HOUSEKEEPING_MS, () => {
      this.#cancelHousekeeping = null;
      for (const client of this.#clients.keys()) client.dropIfStuck();
      const open = this.#views().filter((view) => view.isOpen);
      for (const view of open) view.refresh();
      this.#postStatuses();
      if (open.length > 0) this.#scheduleHousekeeping();
    });
  }
}
