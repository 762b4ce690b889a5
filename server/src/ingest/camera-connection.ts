import type { Clock } from '../core/clock.js';
import { LanecastError, messageOf } from '../core/errors.js';
import { MAX_PICTURE_PIXELS } from '../core/picture-limits.js';
import type { AccessUnit } from './depacketise/access-unit.js';
import { createDepacketiser, type Depacketiser } from './depacketise/depacketiser.js';
import { KeyframeGate } from './depacketise/keyframe-gate.js';
import type { SequenceParameters } from './depacketise/sequence-parameters.js';
import type { FramePath } from './frame-path.js';
import { RtspClient, type RtspVideoTrack } from './rtsp/rtsp-client.js';
import type { Connection, ConnectionHandlers } from './supervisor.js';

export interface CameraConnectionOptions {
  url: string;
  transport: 'tcp' | 'udp';
  connectTimeoutMs: number;
  /** Of an rtsps camera: its certificate is not checked. */
  tlsAllowSelfSigned: boolean;
  /** A camera that announces more is refused. */
  maxPicturePixels: number;
}

/** One attempt at one camera: RTSP session, depacketiser, keyframe gate, and from there into the stream's frame path. */
export class CameraConnection implements Connection {
  readonly #client: RtspClient;
  readonly #path: FramePath;
  readonly #handlers: ConnectionHandlers;
  readonly #maxPicturePixels: number;
  readonly #gate = new KeyframeGate();
  #depacketiser: Depacketiser | null = null;
  #closed = false;

  constructor(options: CameraConnectionOptions, clock: Clock, path: FramePath, handlers: ConnectionHandlers) {
    this.#maxPicturePixels = options.maxPicturePixels;
    this.#path = path;
    this.#handlers = handlers;
    this.#client = new RtspClient(
      {
        url: options.url,
        transport: options.transport,
        connectTimeoutMs: options.connectTimeoutMs,
        tlsAllowSelfSigned: options.tlsAllowSelfSigned,
        clock,
      },
      {
        onTrack: (track) => this.#onTrack(track),
        onPacket: (packet) => this.#depacketiser?.push(packet),
        onClose: (error) => this.#end(error),
      },
    );
  }

  /** For this connection alone. */
  get counters(): { packets: number; packetsLost: number; bytes: number } {
    const { packets, packetsLost, bytesReceived } = this.#client.stats;
    return { packets, packetsLost, bytes: bytesReceived };
  }

  start(): void {
    this.#client.start().then(
      () => {
        if (!this.#closed) this.#handlers.onReady();
      },
      (error: unknown) => this.#end(error),
    );
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    void this.#client.close();
  }

  #onTrack(track: RtspVideoTrack): void {
    this.#path.connected(track.codec);
    this.#depacketiser = createDepacketiser(track.codec, {
      parameterSets: track.parameterSets,
      onUnit: (unit) => this.#onUnit(unit),
    });
  }

  #onUnit(unit: AccessUnit): void {
    if (this.#closed) return;
    if (unit.sourceReset) this.#path.sourceReset();
    const sequence = this.#depacketiser?.sequence ?? null;
    const decodable = this.#gate.admit(unit);
    if (decodable && sequence && sequence.widthPx * sequence.heightPx > this.#maxPicturePixels) {
      this.#end(pictureTooLarge(sequence, this.#maxPicturePixels));
      return;
    }
    const accepted = this.#path.accept(unit, decodable, sequence);
    // What the decoder refused may be referred to by all that follows.
    if (!accepted) this.#gate.close();
  }

  #end(error: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    void this.#client.close();
    const known = error === null || error instanceof LanecastError;
    this.#handlers.onClose(known ? error : new LanecastError('ingest-failed', messageOf(error), { cause: error }));
  }
}

function pictureTooLarge({ widthPx, heightPx }: SequenceParameters, maxPixels: number): LanecastError {
  const pixels = widthPx * heightPx;
  const raise = pixels <= MAX_PICTURE_PIXELS ? `, or set ingest.maxPicturePixels to ${pixels} or more` : '';
  return new LanecastError(
    'picture-too-large',
    `the camera announces pictures of ${widthPx}x${heightPx}, ${pixels} pixels; at most ${maxPixels} are decoded (ingest.maxPicturePixels): choose a smaller stream of the camera${raise}`,
  );
}
