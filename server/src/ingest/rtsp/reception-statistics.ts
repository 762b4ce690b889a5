import type { ReceptionReport, SenderReport } from './rtcp.js';
import type { PlacedPacket } from './rtp-sequencer.js';

/** Keeps what a receiver report needs: loss and interarrival jitter (RFC 3550, appendices A.3 and A.8). */
export class ReceptionStatistics {
  readonly #clockRateHz: number;
  #ssrc: number | null = null;
  #base = 0;
  #highest = 0;
  #received = 0;
  #expectedAtReport = 0;
  #receivedAtReport = 0;
  #jitter = 0;
  /** Arrival minus RTP time of the packet before, in clock units modulo 2^32. */
  #transit: number | null = null;
  #senderReport: SenderReport | null = null;

  constructor(clockRateHz: number) {
    this.#clockRateHz = clockRateHz;
  }

  /** Interarrival jitter in milliseconds. */
  get jitterMs(): number {
    return (this.#jitter / this.#clockRateHz) * 1000;
  }

  add({ packet, extendedSequence, reset }: PlacedPacket): void {
    if (this.#ssrc === null || reset) {
      this.#ssrc = packet.ssrc;
      this.#base = extendedSequence;
      this.#highest = extendedSequence;
      this.#received = 0;
      this.#expectedAtReport = 0;
      this.#receivedAtReport = 0;
      this.#jitter = 0;
      this.#transit = null;
      if (this.#senderReport?.ssrc !== packet.ssrc) this.#senderReport = null;
    }
    this.#received++;
    this.#highest = Math.max(this.#highest, extendedSequence);
    const arrival = Math.round((packet.receivedAtMs * this.#clockRateHz) / 1000);
    const transit = (arrival - packet.timestamp) % 2 ** 32;
    if (this.#transit !== null) {
      // The difference wraps like the timestamps do.
      const deviation = Math.abs((transit - this.#transit) | 0);
      this.#jitter += (deviation - this.#jitter) / 16;
    }
    this.#transit = transit;
  }

  addSenderReport(report: SenderReport): void {
    this.#senderReport = report;
  }

  /** The report on the time since the last call; null before the first packet. */
  report(nowMs: number): ReceptionReport | null {
    if (this.#ssrc === null) return null;
    const expected = this.#highest - this.#base + 1;
    const expectedInterval = expected - this.#expectedAtReport;
    const lostInterval = expectedInterval - (this.#received - this.#receivedAtReport);
    this.#expectedAtReport = expected;
    this.#receivedAtReport = this.#received;
    const senderReport = this.#senderReport?.ssrc === this.#ssrc ? this.#senderReport : null;
    return {
      ssrc: this.#ssrc,
      fractionLost: expectedInterval > 0 && lostInterval > 0 ? (lostInterval * 256) / expectedInterval : 0,
      cumulativeLost: expected - this.#received,
      highestSequence: this.#highest % 2 ** 32,
      jitter: this.#jitter,
      lastSenderReport: senderReport?.ntpMiddle ?? 0,
      delaySinceLastSenderReport: senderReport ? ((nowMs - senderReport.receivedAtMs) / 1000) * 65536 : 0,
    };
  }
}
