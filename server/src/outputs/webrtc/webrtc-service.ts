import type { IncomingMessage } from 'node:http';
import { availableParallelism } from 'node:os';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Config } from '../../config/schema.js';
import type { Clock } from '../../core/clock.js';
import type { StageSign } from '../../core/pulse.js';
import { LanecastError } from '../../core/errors.js';
import type { Log } from '../../core/log.js';
import { MAX_MESSAGE_BYTES, type StreamCarriage } from '../../core/signalling/messages.js';
import type { DetectedBy, TrackMessage } from '../../core/types.js';
import type { Pipeline, StreamListChange } from '../../pipeline/api.js';
import { carriages, faultWords, type StreamWay } from './carriage.js';
import { DashboardSession, type SessionHost } from './dashboard-session.js';
import { encodeMessage } from './encode-message.js';
import { Hold } from './hold.js';
import type { MediaLoad } from './load-gate.js';
import { MediaHost } from './media-host.js';
import type { MediaCounters } from './messages.js';
import type { PeerOptions } from './peer.js';
import type { ViewerRights } from './session-lending.js';
import { refuseViewer } from './refuse-viewer.js';
import { StreamSources } from './stream-sources.js';
import { TrackVelocities } from './track-velocity.js';
import { hasH264Encoder } from './transcode/h264-encoder.js';
import { TranscodeHost, type TranscodeStats } from './transcode/transcode-host.js';
import { WhepSession } from './whep-session.js';

const TICK_MS = 1000;
const OVERLOADED = 'The server has more live video to send than it can';
/** Players that were ended with their streams, and may ask why. */
const MAX_DISMISSED = 64;

/** Figures for `/api/stats` and `/metrics`. */
export interface WebRtcStats extends MediaCounters {
  /** Dashboards whose peer connection stands, and all whose WebSocket is open. */
  viewers: number;
  sessions: number;
  /** The same of WHEP players: connected, and all. */
  whepViewers: number;
  whepSessions: number;
  /** How long each stream's video waits for its detections. */
  holdMs: Record<string, number>;
  /** Media workers that died and were replaced. Absent: not counted. */
  restarts?: number;
  /** Of the media worker in the last half-second, and viewers that were refused for it. Absent: not measured. */
  load?: MediaLoad & { refused: number };
  /** How each stream goes to browsers. */
  ways: Record<string, StreamWay>;
  /** Of streams that were transcoded. */
  transcodes: Record<string, TranscodeStats>;
}

export interface WebRtcDependencies {
  pipeline: Pick<Pipeline, 'streams' | 'onTracks' | 'onStreams' | 'packets' | 'openLiveTile' | 'stats' | 'lending'>;
  config: Config['webrtc'];
  clock: Clock;
  log: Log;
  /** Whether a model that a page runs has the server's weights; absent: any is believed to. */
  acceptsModel?: (sha256: string) => Promise<boolean>;
  createMedia?: (options: ConstructorParameters<typeof MediaHost>[0]) => MediaHost;
  /** Whether H.264 can be encoded here. */
  hasEncoder?: () => boolean;
}

const NO_ENCODER = "node-av's FFmpeg has no libx264 here";

interface Stream {
  hold: Hold;
  velocities: TrackVelocities;
  detectedBy: DetectedBy | undefined;
  sequence: number;
}

/** Live video and tracks over WebRTC: for dashboards, by a WebSocket each, and for standard players, by WHEP. */
export class WebRtcService {
  readonly #pipeline: WebRtcDependencies['pipeline'];
  readonly #config: Config['webrtc'];
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  readonly #sessions = new Set<DashboardSession>();
  readonly #players = new Map<string, WhepSession>();
  readonly #dismissed = new Map<string, string>();
  readonly #streams = new Map<string, Stream>();
  readonly #classes: readonly string[];
  readonly #media: MediaHost;
  readonly #transcoder: TranscodeHost;
  readonly #sources: StreamSources;
  /** Streams that a viewer asked for since the first one came. */
  readonly #opened = new Set<string>();
  readonly #encoderFault: string | null;
  readonly #acceptsModel: (sha256: string) => Promise<boolean>;
  readonly #timer: NodeJS.Timeout;
  #nextSession = 1;
  #refused = 0;
  readonly #unsubscribe: () => void;
  readonly #unfollow: () => void;

  constructor(dependencies: WebRtcDependencies) {
    const { pipeline, config, clock, log } = dependencies;
    const createMedia = dependencies.createMedia ?? ((options) => new MediaHost(options));
    const hasEncoder = dependencies.hasEncoder ?? hasH264Encoder;
    this.#acceptsModel = dependencies.acceptsModel ?? (() => Promise.resolve(true));
    this.#pipeline = pipeline;
    this.#config = config;
    this.#clock = clock;
    this.#log = log;
    this.#classes = pipeline.stats().detector?.classes ?? [];
    this.#media = createMedia({
      maxPayloadBytes: config.maxPayloadBytes,
      lossPercent: config.debugLossPercent,
      log,
      onDetached: (stream) => this.#openStream(stream),
      onWatched: (stream, watched) => {
        if (watched) this.#openStream(stream);
      },
    });
    this.#encoderFault = config.transcode === 'never' || hasEncoder() ? null : NO_ENCODER;
    this.#transcoder = new TranscodeHost({ pipeline, maxPayloadBytes: config.maxPayloadBytes, clock, log });
    this.#sources = new StreamSources({ pipeline, media: this.#media, transcoder: this.#transcoder, clock });
    this.#unsubscribe = pipeline.onTracks((message, receivedAtMs) => this.#onTracks(message, receivedAtMs));
    this.#unfollow = pipeline.onStreams((change) => this.#followList(change));
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  stats(): WebRtcStats {
    const sessions = [...this.#sessions];
    const holdMs: Record<string, number> = {};
    for (const [id, { hold }] of this.#streams) holdMs[id] = Math.round(hold.ms);
    const players = [...this.#players.values()];
    return {
      ...this.#media.counters,
      viewers: sessions.filter(({ connected }) => connected).length,
      sessions: sessions.length,
      whepViewers: players.filter(({ connected }) => connected).length,
      whepSessions: players.length,
      holdMs,
      restarts: this.#media.deaths,
      load: { ...this.#media.load, refused: this.#refused },
      ways: Object.fromEntries(this.#ways()),
      transcodes: this.#transcoder.stats(),
    };
  }

  signs(): StageSign[] {
    return [this.#media.sign(), ...this.#transcoder.signs()];
  }

  /** How each stream goes to browsers, by id, and why not as the camera sends it. */
  ways(): ReadonlyMap<string, StreamWay> {
    return this.#ways();
  }

  /** What is not as good as it could be, one line each, with what to do. */
  notices(): string[] {
    if (!this.#config.enabled) return [];
    return [
      ...(this.#media.isOverloaded && this.#config.refuseWhenBusy
        ? ['live video: more viewers than this machine can serve; further ones are refused until it keeps up again']
        : []),
      ...(this.#encoderFault === null ? [] : [`streams that WebRTC cannot carry are motion JPEG: ${NO_ENCODER}`]),
      ...[...this.#ways()].flatMap(([id, { carriage, reason }]) =>
        reason === null ? [] : [`${id}: ${carriage === 'mjpeg' ? 'motion JPEG in the dashboard. ' : ''}${reason}`],
      ),
    ];
  }

  /** Takes over a request to upgrade that was checked already; whoever passed has these rights. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, rights: ViewerRights = { lend: true }): void {
    if (!this.#config.enabled) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const refusal = this.#isFull() ? OVERLOADED : this.#hasPlace() ? null : this.#tooMany();
    if (refusal !== null) {
      refuseViewer(this.#server, request, socket, head, refusal);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const host: SessionHost = {
        classes: this.#classes,
        media: this.#media,
        peer: this.#peerOptions(request),
        lending: {
          rights,
          desk: this.#pipeline.lending,
          identity: this.#identityOf(request),
          acceptsModel: this.#acceptsModel,
        },
        carriages: (waits) => this.#carriages(waits),
        openStream: (id) => this.#openStream(id),
        nowMs: () => this.#clock.nowMs(),
        epochMs: () => this.#epochMs(this.#clock.nowMs()),
        onEnd: (session, reason) => {
          this.#sessions.delete(session);
          this.#log.info({ viewers: this.#sessions.size }, `a viewer left: ${reason}`);
        },
      };
      this.#sessions.add(new DashboardSession(webSocket, host));
      this.#log.info({ viewers: this.#sessions.size }, 'a viewer came');
    });
  }

  /**
   * Opens a WHEP session for a stream that exists. Rejects with a LanecastError: `webrtc-disabled`, `too-many-viewers`,
   * `media-overloaded`, `stream-not-for-webrtc`, or one of the offer's faults.
   */
  async openWhep(
    request: IncomingMessage,
    stream: string,
    offer: string,
  ): Promise<{ session: WhepSession; answer: string }> {
    const { enabled } = this.#config;
    if (!enabled) throw new LanecastError('webrtc-disabled', 'WebRTC is switched off; /stream shows motion JPEG');
    const fault = this.#pipeline.streams().find(({ id }) => id === stream)?.webrtcFault ?? null;
    if (fault !== null && this.#ways().get(stream)?.carriage === 'mjpeg')
      throw new LanecastError('stream-not-for-webrtc', `${faultWords(fault)}; or take /stream/${stream} (motion JPEG)`);
    if (this.#isFull())
      throw new LanecastError(
        'media-overloaded',
        `${OVERLOADED}; try again in a few seconds, or take motion JPEG (/stream)`,
      );
    if (!this.#hasPlace()) throw new LanecastError('too-many-viewers', this.#tooMany());
    const session = new WhepSession(stream, {
      media: this.#media,
      peer: this.#peerOptions(request),
      openStream: (id) => this.#openStream(id),
      nowMs: () => this.#clock.nowMs(),
      onEnd: ({ id }, reason) => {
        this.#players.delete(id);
        this.#log.info({ stream, players: this.#players.size }, `a WHEP player left: ${reason}`);
      },
    });
    this.#players.set(session.id, session);
    this.#log.info({ stream, players: this.#players.size }, 'a WHEP player came');
    return { session, answer: await session.answer(offer) };
  }

  whepSession(id: string): WhepSession | undefined {
    return this.#players.get(id);
  }

  /** Why a session was ended with its stream; undefined: it was not. */
  dismissal(id: string): string | undefined {
    return this.#dismissed.get(id);
  }

  /** May be called twice. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#unsubscribe();
    this.#unfollow();
    for (const session of this.#sessions) session.close('the server ends');
    for (const player of this.#players.values()) player.close('the server ends');
    this.#server.close();
    await Promise.all([this.#media.close(), this.#transcoder.close()]);
  }

  /** Whether one more viewer would be one too many for the media worker; counted. */
  #isFull(): boolean {
    if (!this.#config.refuseWhenBusy || !this.#media.isOverloaded) return false;
    this.#refused++;
    return true;
  }

  #tooMany(): string {
    return `${this.#config.maxViewers} viewers watch already (webrtc.maxViewers)`;
  }

  /** Whether one more may watch; a player that does not connect goes, the oldest first. */
  #hasPlace(): boolean {
    if (this.#audience < this.#config.maxViewers) return true;
    for (const player of this.#players.values()) if (player.yields()) return true;
    return false;
  }

  /** All that want packets and tracks. */
  get #audience(): number {
    return this.#sessions.size + this.#players.size;
  }

  /** A lie is remembered of the address; on this machine, where all have one, of the session. */
  #identityOf({ socket }: IncomingMessage): string {
    const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    return address === '::1' || address.startsWith('127.') ? `session ${this.#nextSession++}` : address;
  }

  #peerOptions({ socket }: IncomingMessage): PeerOptions {
    const { bindAddress, announcedAddress = null, udpPorts = null } = this.#config;
    const address = bindAddress ?? (socket.localAddress ?? '127.0.0.1').replace(/^::ffff:/, '');
    return { address, announcedAddress, udpPorts };
  }

  #stream(id: string): Stream {
    let stream = this.#streams.get(id);
    if (!stream) {
      const hold = new Hold({ maxMs: this.#config.maxHoldMs });
      stream = { hold, velocities: new TrackVelocities(), detectedBy: undefined, sequence: 0 };
      this.#streams.set(id, stream);
    }
    return stream;
  }

  #openStream(id: string): boolean {
    const info = this.#pipeline.streams().find((stream) => stream.id === id);
    const carriage = this.#ways().get(id)?.carriage ?? 'mjpeg';
    if (!info || carriage === 'mjpeg') return false;
    if (this.#audience > 0) {
      this.#opened.add(id);
      if (this.#sources.follow(info, carriage)) this.#media.hold(id, this.#stream(id).hold.ms);
    }
    return true;
  }

  #ways(): Map<string, StreamWay> {
    const { transcode, maxTranscodes = Math.max(1, availableParallelism() >> 1) } = this.#config;
    return carriages(this.#pipeline.streams(), {
      transcode,
      maxTranscodes,
      encoderFault: this.#encoderFault,
      failure: (stream) => this.#transcoder.failure(stream),
    });
  }

  #carriages(waits: boolean): StreamCarriage[] {
    const ways = this.#ways();
    return this.#pipeline.streams().map(({ id, index }): StreamCarriage => {
      const way = ways.get(id)!;
      const holds = waits && way.carriage !== 'mjpeg';
      return { id, index, ...way, holdMs: holds ? Math.round(this.#stream(id).hold.ms) : 0 };
    });
  }

  #onTracks(message: TrackMessage, receivedAtMs: number | null): void {
    const stream = this.#stream(message.stream);
    if (message.detectedBy !== stream.detectedBy) stream.hold.sourceChanged();
    stream.detectedBy = message.detectedBy;
    if (receivedAtMs !== null) stream.hold.record(this.#clock.nowMs() - receivedAtMs);
    const velocities = stream.velocities.update(message);
    if (this.#audience === 0) return;
    const info = this.#pipeline.streams().find(({ id }) => id === message.stream);
    if (!info) return;
    const { sequence } = stream;
    stream.sequence = (sequence + 1) >>> 0;
    const arrivedAtEpochMs = receivedAtMs === null ? null : this.#epochMs(receivedAtMs);
    const encoded = encodeMessage(message, { info, sequence, velocities, classes: this.#classes, arrivedAtEpochMs });
    this.#media.sendTracks(message.stream, encoded);
  }

  /** Dashboards are told at once; players of a stream that is gone end, and all that was kept of it goes. */
  #followList({ removed }: StreamListChange): void {
    for (const id of removed) {
      for (const player of this.#players.values()) if (player.stream === id) this.#dismiss(player);
      this.#sources.forget(id);
      this.#opened.delete(id);
      this.#streams.delete(id);
    }
    for (const session of this.#sessions) session.tick();
  }

  #dismiss(player: WhepSession): void {
    const reason = `the stream "${player.stream}" was removed from the configuration`;
    this.#dismissed.set(player.id, reason);
    if (this.#dismissed.size > MAX_DISMISSED) this.#dismissed.delete(this.#dismissed.keys().next().value!);
    player.close(reason);
  }

  #tick(): void {
    for (const [id, { hold }] of this.#streams) {
      hold.update();
      if (this.#audience > 0) this.#media.hold(id, hold.ms);
    }
    this.#followStreams();
    for (const session of this.#sessions) session.tick();
    for (const player of this.#players.values()) player.tick();
  }

  /** Streams begin and end to need transcoding, and viewers to watch them. */
  #followStreams(): void {
    const ways = this.#ways();
    for (const info of this.#pipeline.streams()) {
      if (this.#audience === 0) this.#sources.detach(info.id);
      else if (this.#opened.has(info.id)) this.#sources.follow(info, ways.get(info.id)!.carriage);
    }
    if (this.#audience === 0) this.#opened.clear();
  }

  /** Monotonic milliseconds as wall clock. */
  #epochMs(monotonicMs: number): number {
    return Date.now() + (monotonicMs - this.#clock.nowMs());
  }
}
