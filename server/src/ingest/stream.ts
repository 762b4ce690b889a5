import type { MessagePort } from 'node:worker_threads';
import type { Clock } from '../core/clock.js';
import type { LanecastError } from '../core/errors.js';
import type { StreamState, TrackMessage } from '../core/types.js';
import type { WorkSignal } from '../core/work-signal.js';
import { Backoff } from './backoff.js';
import { CameraConnection } from './camera-connection.js';
import type { NvdecDevice } from './decode/nvdec-device.js';
import { FramePath } from './frame-path.js';
import type { FromIngest, IngestCounters, IngestStreamOptions, PacketMessage } from './messages.js';
import { PacketTap } from './packet-tap.js';
import { StreamSupervisor } from './supervisor.js';

/** Everything one stream owns inside its ingest worker: supervisor, connection, frame path, packet subscribers. */
export class IngestStream {
  readonly path: FramePath;
  readonly #options: IngestStreamOptions;
  readonly #post: (message: FromIngest) => void;
  readonly #supervisor: StreamSupervisor;
  readonly #subscribers = new Set<PacketTap>();
  #connection: CameraConnection | null = null;
  #state: StreamState = 'connecting';
  #reason: { code: string; message: string } | null = null;
  #sinceMs: number;
  #posted = '';
  #connects = 0;
  /** Of connections that have ended. */
  #past = { packets: 0, packetsLost: 0, bytes: 0 };

  constructor(
    options: IngestStreamOptions,
    clock: Clock,
    signal: WorkSignal,
    openDevice: () => NvdecDevice,
    post: (message: FromIngest) => void,
  ) {
    this.#options = options;
    this.#post = post;
    this.#sinceMs = clock.nowMs();
    this.path = new FramePath(options, clock, signal, openDevice, {
      onPicture: () => this.#onPicture(),
      onUntracked: (message) => post({ type: 'decoded', index: options.index, message }),
      onUnit: (unit) => this.#publish(unit),
      onArrivals: (frames) => post({ type: 'frames', index: options.index, frames }),
      onFrameNumber: (ptsUs, frameNo) => post({ type: 'frameNumber', index: options.index, ptsUs, frameNo }),
    });
    this.#supervisor = new StreamSupervisor({
      clock,
      stallTimeoutMs: options.stallTimeoutMs,
      backoff: new Backoff({ minMs: options.backoffMinMs, maxMs: options.backoffMaxMs, random: Math.random }),
      onState: (state, reason) => {
        if (state !== this.#state) this.#sinceMs = clock.nowMs();
        this.#state = state;
        this.#reason = reason;
        this.#postCondition();
      },
      connect: (handlers) => {
        this.#retireConnection();
        const connection = new CameraConnection(options, clock, this.path, {
          onReady: () => {
            this.#connects++;
            handlers.onReady();
          },
          onClose: (error: LanecastError | null) => handlers.onClose(error),
        });
        this.#connection = connection;
        connection.start();
        return connection;
      },
    });
  }

  get id(): string {
    return this.#options.id;
  }

  start(): void {
    this.#supervisor.start();
  }

  tracked(message: TrackMessage): void {
    this.path.tracked(message);
  }

  /**
   * Sends the cached group of pictures and then every access unit to `port`, until it is closed. What its reader does
   * not keep up with is left out, whole groups of pictures at a time; `progress` counts both.
   */
  subscribe(port: MessagePort, progress: SharedArrayBuffer): void {
    const tap = new PacketTap(port, progress);
    for (const unit of this.path.gop.units) tap.push(unit);
    this.#subscribers.add(tap);
    port.on('close', () => this.#subscribers.delete(tap));
  }

  postCounters(): void {
    this.#post({
      type: 'counters',
      index: this.#options.index,
      counters: this.#counters(),
      lastFrameAtMs: this.path.lastFrameAtMs,
    });
  }

  close(): void {
    this.#supervisor.close();
    this.#retireConnection();
    for (const tap of this.#subscribers) tap.close();
    this.#subscribers.clear();
    this.path.close();
  }

  #counters(): IngestCounters {
    const now = this.#connection?.counters ?? { packets: 0, packetsLost: 0, bytes: 0 };
    return {
      connects: this.#connects,
      packets: this.#past.packets + now.packets,
      packetsLost: this.#past.packetsLost + now.packetsLost,
      bytes: this.#past.bytes + now.bytes,
      ...this.path.counters,
    };
  }

  #retireConnection(): void {
    if (!this.#connection) return;
    const { packets, packetsLost, bytes } = this.#connection.counters;
    this.#past.packets += packets;
    this.#past.packetsLost += packetsLost;
    this.#past.bytes += bytes;
    this.#connection.close();
    this.#connection = null;
  }

  #publish(unit: PacketMessage): void {
    for (const tap of this.#subscribers) tap.push(unit);
  }

  #onPicture(): void {
    this.#supervisor.pictureDecoded();
    this.#postCondition();
  }

  /** Posts only what changed: it is called for every picture. */
  #postCondition(): void {
    const { width, height } = this.path.size;
    const { codec, epoch, webrtcFault } = this.path;
    const decoder = this.path.decoder?.backend ?? null;
    const decoderReason = this.path.decoder?.fallbackReason ?? null;
    const key = `${this.#state} ${this.#reason?.message ?? ''} ${codec ?? ''} ${decoder ?? ''} ${decoderReason ?? ''} ${width}x${height} ${webrtcFault ?? ''} ${epoch}`;
    if (key === this.#posted) return;
    this.#posted = key;
    this.#post({
      type: 'condition',
      index: this.#options.index,
      condition: {
        state: this.#state,
        reason: this.#reason,
        sinceMs: this.#sinceMs,
        codec,
        decoder,
        decoderReason,
        width,
        height,
        webrtcFault,
        epoch,
      },
    });
  }
}
