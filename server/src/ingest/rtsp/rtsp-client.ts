import { randomBytes } from 'node:crypto';
import { LanecastError } from '../../core/errors.js';
import { systemClock } from '../../ops/clock.js';
import { KeepAlive } from './keep-alive.js';
import { followRedirect } from './redirect.js';
import { redactUrl } from '../../core/redact.js';
import { buildReceiverReport } from './rtcp.js';
import type { SequencedRtpPacket } from './rtp-packet.js';
import { NO_RECEIVER_STATS, RtpReceiver } from './rtp-receiver.js';
import type { RtspClientHandlers, RtspClientOptions, RtspClientStats, RtspVideoTrack } from './rtsp-client-types.js';
import { RtspConnection } from './rtsp-connection.js';
import { rtspError } from './rtsp-errors.js';
import { describe, play, setup, type Description } from './rtsp-handshake.js';
import { RtspRequester } from './rtsp-requester.js';
import { parseRtspUrl, type RtspUrl } from '../../config/rtsp-url.js';
import { SilenceWatch } from './silence-watch.js';
import { UdpMedia } from './udp-media.js';

export type { RtspClientHandlers, RtspClientOptions, RtspClientStats, RtspVideoTrack } from './rtsp-client-types.js';

const MAX_REDIRECTS = 3;
const REPORT_INTERVAL_MS = 5000;
/** After a BYE another source may follow (the encoder restarted); without one the stream is over. */
const BYE_GRACE_MS = 1000;
/** 300 ms of 16 Mbit/s. */
const REORDER_PACKETS = 512;

/**
 * One camera, one session: OPTIONS, DESCRIBE, SETUP and PLAY (RFC 2326), then RTP packets in order until close() or an
 * error. Makes one attempt; when to try again is the owner's affair. Uses no thread but the caller's.
 */
export class RtspClient {
  readonly #options: Required<Omit<RtspClientOptions, 'signal'>>;
  readonly #signal: AbortSignal | undefined;
  readonly #handlers: RtspClientHandlers;
  readonly #shownUrl: string;
  readonly #cancels = new Set<() => void>();
  readonly #ssrc: number;
  readonly #cname: string;
  #state: 'new' | 'starting' | 'playing' | 'closed' = 'new';
  #connection: RtspConnection | null = null;
  #requester: RtspRequester | null = null;
  #receiver: RtpReceiver | null = null;
  #udp: UdpMedia | null = null;
  #keepAlive: KeepAlive | null = null;
  #channels: [rtp: number, rtcp: number] = [0, 1];
  #session: { id: string; url: string } | null = null;
  #closing: Promise<void> | null = null;
  #endedWhileStarting: LanecastError | null = null;
  #byePending = false;
  #lastDatagramAtMs = 0;
  #datagramBytes = 0;
  #foreign = 0;
  #receiverReports = 0;
  #redirects = 0;

  constructor(options: RtspClientOptions, handlers: RtspClientHandlers) {
    const { signal, ...given } = options;
    this.#options = {
      connectTimeoutMs: 5000,
      answerTimeoutMs: 5000,
      silenceTimeoutMs: 10_000,
      teardownTimeoutMs: 500,
      reorderWaitMs: 30,
      reorderPatienceMs: 300,
      tlsAllowSelfSigned: false,
      userAgent: 'Lanecast',
      clock: systemClock,
      randomBytes,
      ...given,
    };
    this.#signal = signal;
    this.#handlers = handlers;
    this.#shownUrl = redactUrl(options.url);
    const random = Buffer.from(this.#options.randomBytes(12));
    this.#ssrc = random.readUInt32BE(0);
    this.#cname = random.toString('hex', 4, 12);
  }

  get stats(): RtspClientStats {
    const receiver = this.#receiver?.stats ?? NO_RECEIVER_STATS;
    return {
      ...receiver,
      bytesReceived: (this.#connection?.bytesReceived ?? 0) + this.#datagramBytes,
      bytesBuffered: this.#connection?.bufferedBytes ?? 0,
      keepAlives: this.#keepAlive?.sent ?? 0,
      receiverReports: this.#receiverReports,
      datagramsForeign: this.#foreign,
      redirects: this.#redirects,
    };
  }

  /**
   * Connects and plays. May be called once.
   * @throws LanecastError any of the RtspErrorCodes; `aborted` after close() or abort. Everything is released then.
   */
  async start(): Promise<RtspVideoTrack> {
    if (this.#state !== 'new') throw this.#abortedError();
    this.#state = 'starting';
    const onAbort = (): void => void this.close();
    this.#signal?.addEventListener('abort', onAbort, { once: true });
    this.#cancels.add(() => this.#signal?.removeEventListener('abort', onAbort));
    try {
      if (this.#signal?.aborted) throw this.#abortedError();
      const { description, address } = await this.#describeFollowingRedirects();
      const track = await this.#setUpAndPlay(description, address);
      if (this.#endedWhileStarting) throw this.#endedWhileStarting;
      this.#state = 'playing';
      return track;
    } catch (error) {
      const failure = this.#typed(error);
      this.#release(failure);
      throw failure;
    }
  }

  /** Says TEARDOWN, waits a bounded time for the answer and releases everything. May be called twice, and at any time. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const wasPlaying = this.#state === 'playing';
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#stopMedia();
    if (this.#session && this.#requester) {
      const { id, url } = this.#session;
      // Best effort: the camera frees the session by its own time-out otherwise.
      await this.#requester
        .send('TEARDOWN', url, { Session: id }, this.#options.teardownTimeoutMs)
        .catch(() => undefined);
    }
    this.#release(this.#abortedError());
    if (wasPlaying) this.#handlers.onClose(null);
  }

  async #describeFollowingRedirects(): Promise<{ description: Description; address: RtspUrl }> {
    let address = parseRtspUrl(this.#options.url);
    for (;;) {
      if (address.secure && this.#options.transport === 'udp') {
        throw rtspError('bad-url', `${this.#shownUrl}: rtsps encrypts nothing sent over udp; use tcp for this stream`);
      }
      const shownUrl = redactUrl(address.requestUrl);
      const { connection, requester } = await this.#connect(address, shownUrl);
      const answer = await describe(requester, address.requestUrl, shownUrl);
      if (answer.kind === 'description') return { description: answer, address };
      if (this.#redirects >= MAX_REDIRECTS) {
        throw rtspError(
          'rtsp-refused',
          `${this.#shownUrl}: the server redirects more than ${MAX_REDIRECTS} times; use the final address`,
        );
      }
      this.#redirects++;
      address = followRedirect(address, answer.location);
      // Another connection takes its place: its end is no event.
      this.#connection = null;
      connection.close(this.#abortedError());
    }
  }

  async #connect(
    address: RtspUrl,
    shownUrl: string,
  ): Promise<{ connection: RtspConnection; requester: RtspRequester }> {
    const { connectTimeoutMs, answerTimeoutMs, userAgent, clock, tlsAllowSelfSigned } = this.#options;
    const { host, port, secure } = address;
    if (this.#isClosed()) throw this.#abortedError();
    const connection = new RtspConnection(
      { host, port, secure, shownUrl, connectTimeoutMs, answerTimeoutMs, userAgent, clock, tlsAllowSelfSigned },
      {
        onInterleaved: (channel, payload) => {
          if (this.#udp || this.#isClosed()) return;
          // A copy of its own: the chunk it lies in is far larger and dies with this call.
          if (channel === this.#channels[0]) this.#receiver?.receiveRtp(new Uint8Array(payload));
          else if (channel === this.#channels[1]) this.#receiver?.receiveRtcp(payload);
        },
        onClose: (error) => {
          if (this.#connection === connection) this.#ended(error);
        },
      },
    );
    this.#connection = connection;
    await connection.connect();
    const { credentials } = address;
    const requester = new RtspRequester(connection, { credentials, shownUrl, randomBytes: this.#options.randomBytes });
    this.#requester = requester;
    return { connection, requester };
  }

  async #setUpAndPlay(description: Description, address: RtspUrl): Promise<RtspVideoTrack> {
    const { video, controlUrl, sessionUrl } = description;
    const { clock, transport } = this.#options;
    const requester = this.#requester!;
    const connection = this.#connection!;
    const shownUrl = redactUrl(address.requestUrl);
    const { codec, payloadType, clockRate, parameterSets } = video;
    const track: RtspVideoTrack = { codec, payloadType, clockRate, parameterSets, controlUrl };
    this.#receiver = new RtpReceiver(
      {
        payloadType,
        clockRate,
        reorderWaitMs: transport === 'udp' ? this.#options.reorderWaitMs : 0,
        reorderPatienceMs: transport === 'udp' ? this.#options.reorderPatienceMs : 0,
        reorderPackets: REORDER_PACKETS,
        clock,
      },
      {
        onPacket: (packet) => {
          this.#deliver(packet);
        },
        onSenderReport: (report) => {
          this.#guard(() => this.#handlers.onSenderReport?.(report));
        },
        onBye: () => {
          this.#endUnlessMediaFollows();
        },
      },
    );
    let wish = 'RTP/AVP/TCP;unicast;interleaved=0-1';
    if (transport === 'udp') {
      const port = await this.#openUdp(connection);
      wish = `RTP/AVP;unicast;client_port=${port}-${port + 1}`;
    }
    const { session, transport: answer } = await setup(requester, controlUrl, wish, transport, shownUrl);
    this.#session = { id: session.id, url: sessionUrl };
    this.#channels = answer.interleaved ?? [0, 1];
    this.#udp?.setServerPorts(answer.serverPorts);
    this.#guard(() => this.#handlers.onTrack?.(track));
    this.#udp?.punch();
    this.#sendReceiverReport();
    await play(requester, sessionUrl, session.id, shownUrl);
    if (this.#isClosed()) throw this.#abortedError();
    this.#startTimers(requester, session.timeoutS, description.hasGetParameter);
    return track;
  }

  async #openUdp(connection: RtspConnection): Promise<number> {
    const arrived = (datagram: Uint8Array): void => {
      this.#lastDatagramAtMs = this.#options.clock.nowMs();
      this.#datagramBytes += datagram.length;
    };
    const udp = await UdpMedia.open(connection.localAddress, connection.remoteAddress, {
      onRtp: (datagram) => {
        arrived(datagram);
        this.#guard(() => this.#receiver?.receiveRtp(datagram));
      },
      onRtcp: (datagram) => {
        arrived(datagram);
        this.#guard(() => this.#receiver?.receiveRtcp(datagram));
      },
      onForeign: () => {
        this.#foreign++;
      },
    });
    if (this.#isClosed()) {
      udp.close();
      throw this.#abortedError();
    }
    this.#udp = udp;
    return udp.rtpPort;
  }

  #startTimers(requester: RtspRequester, sessionTimeoutS: number, hasGetParameter: boolean): void {
    const { clock, silenceTimeoutMs } = this.#options;
    const { id, url } = this.#session!;
    this.#keepAlive = new KeepAlive({
      requester,
      url,
      sessionId: id,
      sessionTimeoutS,
      hasGetParameter,
      shownUrl: this.#shownUrl,
      clock,
      onEnd: (error) => this.#connection?.close(error),
    });
    const silence = new SilenceWatch({
      timeoutMs: silenceTimeoutMs,
      clock,
      lastSeenMs: () => (this.#udp ? this.#lastDatagramAtMs : (this.#connection?.lastByteAtMs ?? 0)),
      onSilence: () => this.#connection?.close(this.#silenceError()),
    });
    this.#cancels.add(() => {
      silence.close();
    });
    this.#everyReportInterval();
  }

  #everyReportInterval(): void {
    const cancel = this.#options.clock.after(REPORT_INTERVAL_MS, () => {
      this.#cancels.delete(cancel);
      this.#udp?.punch();
      this.#sendReceiverReport();
      this.#everyReportInterval();
    });
    this.#cancels.add(cancel);
  }

  #sendReceiverReport(): void {
    const packet = buildReceiverReport(this.#ssrc, this.#cname, this.#receiver?.report() ?? null);
    if (this.#udp) this.#udp.sendRtcp(packet);
    else this.#connection?.sendInterleaved(this.#channels[1], packet);
    this.#receiverReports++;
  }

  #endUnlessMediaFollows(): void {
    // However often it is said, one timer is enough.
    if (this.#byePending) return;
    this.#byePending = true;
    const saidAtMs = this.#options.clock.nowMs();
    const cancel = this.#options.clock.after(BYE_GRACE_MS, () => {
      this.#byePending = false;
      this.#cancels.delete(cancel);
      if ((this.#receiver?.stats.lastPacketAtMs ?? 0) > saidAtMs) return;
      this.#connection?.close(rtspError('rtsp-closed', `${this.#shownUrl}: the server ended the stream (RTCP BYE)`));
    });
    this.#cancels.add(cancel);
  }

  #deliver(packet: SequencedRtpPacket): void {
    if (this.#isClosed()) return;
    this.#guard(() => {
      if (packet.lostBefore > 0) this.#handlers.onLoss?.(packet.lostBefore);
      if (!this.#isClosed()) this.#handlers.onPacket(packet);
    });
  }

  /** A failing handler ends this session, not the process with all its other streams. */
  #guard(call: () => void): void {
    if (this.#isClosed()) return;
    try {
      call();
    } catch (error) {
      this.#connection?.close(
        rtspError('rtsp-internal', `${this.#shownUrl}: a handler of received data failed`, error),
      );
    }
  }

  #ended(error: LanecastError): void {
    // The end may lie in the same chunk as the answer to PLAY: then start() has yet to go on.
    if (this.#state === 'starting') this.#endedWhileStarting = error;
    if (this.#state !== 'playing') return;
    this.#release(error);
    this.#handlers.onClose(error);
  }

  #stopMedia(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
    this.#keepAlive?.close();
    this.#receiver?.close();
    this.#udp?.close();
  }

  #release(reason: LanecastError): void {
    this.#state = 'closed';
    this.#stopMedia();
    this.#connection?.close(reason);
  }

  /** A method, because the state changes during awaits and callbacks, which control-flow analysis does not see. */
  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #typed(error: unknown): LanecastError {
    if (this.#closing) return this.#abortedError();
    if (error instanceof LanecastError) return error;
    return rtspError('rtsp-internal', `${this.#shownUrl}: the RTSP client failed unexpectedly`, error);
  }

  #abortedError(): LanecastError {
    return rtspError('aborted', `${this.#shownUrl}: the session was closed by its owner`);
  }

  #silenceError(): LanecastError {
    const { silenceTimeoutMs, transport } = this.#options;
    const never = transport === 'udp' && this.#lastDatagramAtMs === 0;
    const hint = never
      ? 'no UDP packet ever arrived: a firewall may block them; use tcp for this stream'
      : 'check the camera and the network';
    return rtspError('rtsp-silence', `${this.#shownUrl}: nothing received for ${silenceTimeoutMs} ms; ${hint}`);
  }
}
