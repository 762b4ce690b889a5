import type { Clock } from '../core/clock.js';
import { LanecastError } from '../core/errors.js';
import type { ProbedVideo, ProbeResult } from '../core/probe-result.js';
import { redactUrl } from '../core/redact.js';
import { createDepacketiser, type Depacketiser } from './depacketise/depacketiser.js';
import { RtspClient, type RtspVideoTrack } from './rtsp/rtsp-client.js';
import { TimestampSpan } from './timestamp-span.js';

export interface CameraProbeOptions {
  /** With the credentials, if it wants any. */
  url: string;
  transport: 'tcp' | 'udp';
  tlsAllowSelfSigned: boolean;
  maxPicturePixels: number;
  signal: AbortSignal;
  /** The whole try is over by then. Default 8000. */
  timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 8000;
/** Of the time, for the connection and for each answer: the rest is for the video. */
const ANSWER_SHARE = 0.5;
/** So many pictures, or so much time after the first, tell what is sent. */
const ENOUGH_PICTURES = 40;
const ENOUGH_MS = 1500;
/** Nothing is decoded: more than this of one picture says nothing that less does not. */
const MAX_UNIT_BYTES = 1 << 20;

/**
 * Asks a camera once, as a stream would, and looks at what it sends for a second or two; nothing is decoded. Always
 * resolves within `timeoutMs` and the bounded farewell; why a camera does not answer is part of the result.
 */
export async function probeCamera(options: CameraProbeOptions, clock: Clock): Promise<ProbeResult> {
  const startedMs = clock.nowMs();
  const tookMs = (): number => Math.round(clock.nowMs() - startedMs);
  try {
    const video = await new Probe(options, clock).run();
    return { answers: true, video, tookMs: tookMs() };
  } catch (error) {
    if (!(error instanceof LanecastError)) throw error;
    return { answers: false, reason: { code: error.code, message: error.message }, tookMs: tookMs() };
  }
}

class Probe {
  readonly #options: CameraProbeOptions;
  readonly #clock: Clock;
  readonly #client: RtspClient;
  readonly #timeoutMs: number;
  readonly #span = new TimestampSpan();
  #track: RtspVideoTrack | null = null;
  #depacketiser: Depacketiser | null = null;
  #bytes = 0;
  /** What is seen from now on adds nothing, once the size is known. */
  #enough = false;
  #finish: (error: LanecastError | null) => void = () => undefined;
  readonly #cancels: (() => void)[] = [];

  constructor(options: CameraProbeOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const waitMs = this.#timeoutMs * ANSWER_SHARE;
    const { url, transport, tlsAllowSelfSigned, signal } = options;
    this.#client = new RtspClient(
      { url, transport, tlsAllowSelfSigned, signal, connectTimeoutMs: waitMs, answerTimeoutMs: waitMs, clock },
      {
        onTrack: (track) => this.#onTrack(track),
        onPacket: (packet) => this.#depacketiser?.push(packet),
        onClose: (error) => this.#finish(error ?? this.#nothingCame()),
      },
    );
  }

  async run(): Promise<ProbedVideo> {
    const seen = new Promise<void>((resolve, reject) => {
      this.#finish = (error) => (error === null || this.#span.count > 0 ? resolve() : reject(error));
    });
    const over = new Promise<void>((resolve, reject) => {
      this.#after(this.#timeoutMs, () => (this.#span.count > 0 ? resolve() : reject(this.#nothingCame())));
    });
    try {
      // Both: who leaves before the answer to PLAY is read cannot say goodbye. But there are cameras that never give it.
      await Promise.race([Promise.all([this.#client.start(), seen]), over]);
      return this.#video();
    } finally {
      for (const cancel of this.#cancels) cancel();
      await this.#client.close();
    }
  }

  #onTrack(track: RtspVideoTrack): void {
    this.#track = track;
    this.#depacketiser = createDepacketiser(track.codec, {
      parameterSets: track.parameterSets,
      maxUnitBytes: MAX_UNIT_BYTES,
      onUnit: ({ rtpTimestamp, data }) => {
        if (this.#span.count === 0) this.#after(ENOUGH_MS, () => this.#hasEnough());
        this.#span.add(rtpTimestamp);
        this.#bytes += data.length;
        if (this.#enough || this.#span.count >= ENOUGH_PICTURES) this.#hasEnough();
      },
    });
  }

  /** The size comes with the next keyframe at the latest, if the description did not tell it. */
  #hasEnough(): void {
    this.#enough = true;
    if (this.#depacketiser?.sequence) this.#finish(null);
  }

  #after(ms: number, call: () => void): void {
    this.#cancels.push(this.#clock.after(ms, call));
  }

  #video(): ProbedVideo {
    const { codec, clockRate } = this.#track!;
    const sequence = this.#depacketiser?.sequence ?? null;
    const seconds = this.#span.seconds(clockRate);
    return {
      codec,
      width: sequence?.widthPx ?? null,
      height: sequence?.heightPx ?? null,
      fps: this.#span.fps(clockRate),
      kbps: seconds === null ? null : (this.#bytes * 8) / 1000 / seconds,
      packetsLost: this.#client.stats.packetsLost,
      reordered: this.#span.reordered,
      tooLarge: sequence !== null && sequence.widthPx * sequence.heightPx > this.#options.maxPicturePixels,
    };
  }

  #nothingCame(): LanecastError {
    const shown = redactUrl(this.#options.url);
    const hint =
      this.#options.transport === 'udp'
        ? 'a firewall may block UDP: try TCP'
        : 'is the channel in the address one that exists, and is its video switched on?';
    const message = this.#track
      ? `${shown} answers, but sent no picture within ${this.#timeoutMs / 1000} s; ${hint}`
      : `${shown} did not finish answering within ${this.#timeoutMs / 1000} s; check the camera and the network`;
    return new LanecastError(this.#track ? 'probe-no-picture' : 'rtsp-timeout', message);
  }
}
