import type { Clock } from '../../core/clock.js';
import type { LanecastError } from '../../core/errors.js';
import type { SenderReport } from './rtcp.js';
import type { SequencedRtpPacket } from './rtp-packet.js';
import type { RtpReceiverStats } from './rtp-receiver.js';

export interface RtspClientOptions {
  /** `rtsp://[user:password@]host[:port]/path`; `rtsps://` with tcp. */
  url: string;
  transport: 'tcp' | 'udp';
  /** Default 5000. */
  connectTimeoutMs?: number;
  /** For each request of the handshake. Default 5000. */
  answerTimeoutMs?: number;
  /** Without a single byte (tcp) or datagram of media (udp). Default 10000. */
  silenceTimeoutMs?: number;
  /** How long close() waits for the answer to TEARDOWN. Default 500. */
  teardownTimeoutMs?: number;
  /** How long a UDP packet waits for one before it, at least. Default 30. */
  reorderWaitMs?: number;
  /** And at most, on a network where packets come that late (`ReorderWait`). Default 300. */
  reorderPatienceMs?: number;
  /** Accept the self-signed certificate of an rtsps server. Default false. */
  tlsAllowSelfSigned?: boolean;
  userAgent?: string;
  /** Aborting is the same as close(). */
  signal?: AbortSignal;
  clock?: Clock;
  randomBytes?: (count: number) => Uint8Array;
}

/** The video that was set up. */
export interface RtspVideoTrack {
  codec: 'h264' | 'h265';
  payloadType: number;
  clockRate: number;
  /** Raw NAL units from the session description (VPS, SPS, PPS); empty if they come in band only. */
  parameterSets: Uint8Array[];
  /** Without credentials. */
  controlUrl: string;
}

export interface RtspClientHandlers {
  /** Called once, before the first packet. */
  onTrack?(track: RtspVideoTrack): void;
  /** In sequence order. The packet's memory belongs to the callee. */
  onPacket(packet: SequencedRtpPacket): void;
  onSenderReport?(report: SenderReport): void;
  /** Packets that are missing before the next one handed out. */
  onLoss?(count: number): void;
  /**
   * The session has ended: null after close() or abort, else why. Called once, and only if start() had succeeded
   * (otherwise start() rejects); nothing else is called after it.
   */
  onClose(error: LanecastError | null): void;
}

export interface RtspClientStats extends RtpReceiverStats {
  /** On the RTSP connection and, with udp, as datagrams. */
  bytesReceived: number;
  /** Bytes that wait for the rest of their message; bounded by the parser's limits. */
  bytesBuffered: number;
  keepAlives: number;
  receiverReports: number;
  /** Datagrams from other hosts. */
  datagramsForeign: number;
  redirects: number;
}
