import { type Transferable, Worker } from 'node:worker_threads';
import type { Clock } from '../../../core/clock.js';
import { messageOf } from '../../../core/errors.js';
import type { Log } from '../../../core/log.js';
import { Pulse, type StageSign } from '../../../core/pulse.js';
import { openPacketSubscription, type PacketSubscription } from '../../../ingest/packet-tap.js';
import { workerHeap } from '../../../ops/worker-heap.js';
import { workerUrl } from '../../../ops/worker-url.js';
import type { LiveTile, Pipeline } from '../../../pipeline/api.js';
import type { FromTranscoder, ToTranscoder, TranscodeCounters, TranscoderData } from './messages.js';
import { transcodeSize } from './transcode-size.js';

/** After a failure the stream is left alone for so long. */
const RETRY_AFTER_MS = 60_000;
/** A picture that is being encoded takes no longer when closing. */
const CLOSE_TIMEOUT_MS = 3000;

/** A stream's figures; totals since the server started. */
export interface TranscodeStats extends TranscodeCounters {
  /** It is being encoded now: somebody watches. */
  running: boolean;
  /** Pictures that a newer one replaced before the encoder took them. */
  skipped: number;
}

/** The pictures that are to be encoded. */
export interface TranscodeSource {
  stream: string;
  width: number;
  height: number;
  fps: number;
}

export interface TranscodeHostOptions {
  pipeline: Pick<Pipeline, 'openLiveTile'>;
  maxPayloadBytes: number;
  clock: Clock;
  log: Log;
  createWorker?: (data: TranscoderData, transfer: Transferable[]) => Worker;
}

interface Transcoder {
  /** How many were started before it. */
  life: number;
  worker: Worker;
  tile: LiveTile;
  source: TranscodeSource;
  counters: TranscodeCounters;
  pulse: Pulse;
  ended: Promise<void>;
  stopping: boolean;
  /** Nobody asks for its totals any more. */
  forgotten: boolean;
}

const NOTHING: TranscodeCounters = { pictures: 0, keyframes: 0, bytes: 0, encodeMs: 0 };

/** Owns the transcoders: a thread for each stream that is encoded anew, from `start` to `stop`. */
export class TranscodeHost {
  readonly #options: TranscodeHostOptions;
  readonly #running = new Map<string, Transcoder>();
  readonly #ending = new Map<Transcoder, Promise<void>>();
  /** Of transcoders that have ended. */
  readonly #past = new Map<string, TranscodeCounters & { skipped: number }>();
  #lives = 0;
  readonly #failures = new Map<string, { reason: string; untilMs: number }>();

  constructor(options: TranscodeHostOptions) {
    this.#options = options;
  }

  /** Why the stream is not transcoded for the time being: its transcoder failed. null: it can be. */
  failure(stream: string): string | null {
    const failure = this.#failures.get(stream);
    if (!failure) return null;
    if (this.#options.clock.nowMs() < failure.untilMs) return failure.reason;
    this.#failures.delete(stream);
    return null;
  }

  /** A transcoder runs for the stream, and for pictures of this size. */
  isRunning({ stream, width, height }: Pick<TranscodeSource, 'stream' | 'width' | 'height'>): boolean {
    const source = this.#running.get(stream)?.source;
    return source?.width === width && source.height === height;
  }

  /** Begins anew if one runs already. The packets flow until `stop`, or until the transcoder fails and the port closes. */
  start(source: TranscodeSource): PacketSubscription {
    const { stream, fps } = source;
    this.stop(stream);
    const { pipeline, maxPayloadBytes, log, createWorker = createTranscoder } = this.#options;
    const { width, height } = transcodeSize(source);
    const tile = pipeline.openLiveTile(stream, width, height);
    const { subscription, far } = openPacketSubscription();
    const { slots, signal } = tile;
    const { progress } = subscription;
    const pulse = new Pulse();
    const worker = createWorker(
      {
        slots: slots.shared,
        signal: signal.buffer,
        width,
        height,
        fps,
        maxPayloadBytes,
        port: far,
        progress,
        pulse: pulse.buffer,
      },
      [far],
    );
    let reason = 'its thread ended';
    const transcoder: Transcoder = {
      life: this.#lives++,
      worker,
      tile,
      source,
      counters: NOTHING,
      pulse,
      ended: Promise.resolve(),
      stopping: false,
      forgotten: false,
    };
    worker.on('message', ({ counters }: FromTranscoder) => (transcoder.counters = counters));
    worker.on('error', (error) => (reason = messageOf(error)));
    transcoder.ended = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#retire(stream, transcoder);
        if (!transcoder.stopping) {
          this.#failures.set(stream, { reason, untilMs: this.#options.clock.nowMs() + RETRY_AFTER_MS });
          log.warn({ stream }, `transcoding ${stream} failed (${reason}); motion JPEG for a minute, then tried again`);
        }
        resolve();
      });
    });
    this.#running.set(stream, transcoder);
    log.info({ stream }, `transcoding ${stream} to H.264 of ${width}x${height}`);
    return { ...subscription, makesKeyframes: true };
  }

  /** Nobody watches the stream any more; may be called at any time. */
  stop(stream: string): void {
    const transcoder = this.#running.get(stream);
    if (!transcoder || transcoder.stopping) return;
    transcoder.stopping = true;
    this.#running.delete(stream);
    transcoder.tile.close();
    transcoder.worker.postMessage({ type: 'close' } satisfies ToTranscoder);
    transcoder.tile.signal.raise();
    // To end a thread inside a call into FFmpeg ends the whole process, so it is asked to go by itself.
    const force = setTimeout(() => void transcoder.worker.terminate(), CLOSE_TIMEOUT_MS);
    const ended = transcoder.ended.then(() => {
      clearTimeout(force);
      this.#ending.delete(transcoder);
    });
    this.#ending.set(transcoder, ended);
  }

  /** The stream is gone for good, and its totals with it. */
  forget(stream: string): void {
    this.stop(stream);
    for (const transcoder of this.#ending.keys()) if (transcoder.source.stream === stream) transcoder.forgotten = true;
    this.#past.delete(stream);
    this.#failures.delete(stream);
  }

  /** Pictures in, pictures encoded: a thread for each. */
  signs(): StageSign[] {
    return [...this.#running].map(([stream, { life, pulse, tile }]) => ({
      ...{ name: `transcoder of ${stream}`, life },
      input: tile.slots.published,
      output: pulse.beats,
      patient: false,
    }));
  }

  /** By stream; those that were transcoded once. */
  stats(): Record<string, TranscodeStats> {
    const stats: Record<string, TranscodeStats> = {};
    for (const [stream, past] of this.#past) stats[stream] = { ...past, running: false };
    for (const [stream, { counters, tile }] of this.#running) {
      const sum = add(this.#past.get(stream), counters, tile.slots.replaced);
      stats[stream] = { ...sum, running: true };
    }
    return stats;
  }

  /** May be called twice. */
  async close(): Promise<void> {
    for (const stream of [...this.#running.keys()]) this.stop(stream);
    await Promise.all(this.#ending.values());
  }

  #retire(stream: string, { tile, counters, stopping, forgotten }: Transcoder): void {
    if (!forgotten) this.#past.set(stream, add(this.#past.get(stream), counters, tile.slots.replaced));
    if (stopping) return;
    this.#running.delete(stream);
    tile.close();
  }
}

function add(
  past: (TranscodeCounters & { skipped: number }) | undefined,
  now: TranscodeCounters,
  skipped: number,
): TranscodeCounters & { skipped: number } {
  return {
    pictures: (past?.pictures ?? 0) + now.pictures,
    keyframes: (past?.keyframes ?? 0) + now.keyframes,
    bytes: (past?.bytes ?? 0) + now.bytes,
    encodeMs: (past?.encodeMs ?? 0) + now.encodeMs,
    skipped: (past?.skipped ?? 0) + skipped,
  };
}

/** A real transcoder thread. */
export function createTranscoder(workerData: TranscoderData, transferList: Transferable[]): Worker {
  return new Worker(workerUrl(import.meta.url, 'worker.js'), {
    workerData,
    transferList,
    name: 'transcoder',
    resourceLimits: workerHeap(),
  });
}
