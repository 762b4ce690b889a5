import type { Clock } from '../../core/clock.js';
import { ReceptionStatistics } from './reception-statistics.js';
import { ReorderBuffer } from './reorder-buffer.js';
import { parseRtcp, type ReceptionReport, type SenderReport } from './rtcp.js';
import { parseRtpPacket, type SequencedRtpPacket } from './rtp-packet.js';
import { RtpSequencer } from './rtp-sequencer.js';

export interface RtpReceiverOptions {
  payloadType: number;
  clockRate: number;
  reorderWaitMs: number;
  /** At most; see `ReorderBufferOptions`. Default: `reorderWaitMs`. */
  reorderPatienceMs?: number;
  reorderPackets: number;
  clock: Clock;
}

export interface RtpReceiverHandlers {
  onPacket(packet: SequencedRtpPacket): void;
  onSenderReport(report: SenderReport): void;
  /** The current source said goodbye. */
  onBye(): void;
}

export interface RtpReceiverStats {
  /** RTP packets of our payload type that could be parsed. */
  packets: number;
  packetBytes: number;
  /** By sequence number; packets that came out of order in time are not lost. */
  packetsLost: number;
  packetsReordered: number;
  packetsDuplicate: number;
  /** Came after they had been given up; they are counted as lost too. */
  packetsLate: number;
  packetsMalformed: number;
  /** Of a payload type that is not the video's. */
  packetsOtherType: number;
  /** Single packets that belong to no known source. */
  packetsStray: number;
  sourceResets: number;
  senderReports: number;
  /** Waiting for a packet before them. */
  packetsHeld: number;
  jitterMs: number;
  /** Monotonic; 0 before the first. */
  lastPacketAtMs: number;
}

/** Before there is a receiver. */
export const NO_RECEIVER_STATS: Readonly<RtpReceiverStats> = {
  packets: 0,
  packetBytes: 0,
  packetsLost: 0,
  packetsReordered: 0,
  packetsDuplicate: 0,
  packetsLate: 0,
  packetsMalformed: 0,
  packetsOtherType: 0,
  packetsStray: 0,
  sourceResets: 0,
  senderReports: 0,
  packetsHeld: 0,
  jitterMs: 0,
  lastPacketAtMs: 0,
};

/** From datagrams or interleaved frames to packets in order, with loss, resets and reception reports. */
export class RtpReceiver {
  readonly #options: RtpReceiverOptions;
  readonly #handlers: RtpReceiverHandlers;
  readonly #sequencer = new RtpSequencer();
  readonly #reorder: ReorderBuffer;
  readonly #statistics: ReceptionStatistics;
  #packets = 0;
  #packetBytes = 0;
  #malformed = 0;
  #otherType = 0;
  #senderReports = 0;
  #lastPacketAtMs = 0;

  constructor(options: RtpReceiverOptions, handlers: RtpReceiverHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#statistics = new ReceptionStatistics(options.clockRate);
    this.#reorder = new ReorderBuffer(
      {
        minWaitMs: options.reorderWaitMs,
        maxWaitMs: options.reorderPatienceMs ?? options.reorderWaitMs,
        maxPackets: options.reorderPackets,
        clock: options.clock,
      },
      (packet) => {
        handlers.onPacket(packet);
      },
    );
  }

  get stats(): RtpReceiverStats {
    return {
      packets: this.#packets,
      packetBytes: this.#packetBytes,
      packetsLost: this.#reorder.lost,
      packetsReordered: this.#reorder.reordered,
      packetsDuplicate: this.#reorder.duplicates,
      packetsLate: this.#reorder.late,
      packetsMalformed: this.#malformed,
      packetsOtherType: this.#otherType,
      packetsStray: this.#sequencer.strays,
      sourceResets: this.#sequencer.resets,
      senderReports: this.#senderReports,
      packetsHeld: this.#reorder.heldPackets,
      jitterMs: this.#statistics.jitterMs,
      lastPacketAtMs: this.#lastPacketAtMs,
    };
  }

  /** @param raw memory of this packet alone: it is kept */
  receiveRtp(raw: Uint8Array): void {
    // RTCP that came on the RTP channel (RFC 5761, section 4).
    if (raw.length >= 2 && raw[1]! >= 192 && raw[1]! <= 223) {
      this.receiveRtcp(raw);
      return;
    }
    const nowMs = this.#options.clock.nowMs();
    const packet = parseRtpPacket(raw, nowMs);
    if (!packet) {
      this.#malformed++;
      return;
    }
    if (packet.payloadType !== this.#options.payloadType) {
      this.#otherType++;
      return;
    }
    this.#packets++;
    this.#packetBytes += raw.length;
    this.#lastPacketAtMs = nowMs;
    for (const placed of this.#sequencer.place(packet)) {
      this.#statistics.add(placed);
      this.#reorder.push(placed);
    }
  }

  receiveRtcp(bytes: Uint8Array): void {
    const { senderReports, byes } = parseRtcp(bytes, this.#options.clock.nowMs());
    for (const report of senderReports) {
      this.#senderReports++;
      this.#statistics.addSenderReport(report);
      this.#handlers.onSenderReport(report);
    }
    if (this.#sequencer.ssrc !== null && byes.includes(this.#sequencer.ssrc)) this.#handlers.onBye();
  }

  /** The reception report on the time since the last one; null before the first packet. */
  report(): ReceptionReport | null {
    return this.#statistics.report(this.#options.clock.nowMs());
  }

  /** May be called twice. */
  close(): void {
    this.#reorder.close();
  }
}
