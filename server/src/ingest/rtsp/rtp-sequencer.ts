import type { RtpPacket } from './rtp-packet.js';

/** Where a packet belongs. `reset`: the first one of a new source. */
export interface PlacedPacket {
  packet: RtpPacket;
  extendedSequence: number;
  reset: boolean;
}

/** RFC 3550, appendix A.1: a jump up to this far ahead is loss, further it is another source. */
const MAX_DROPOUT = 3000;
/**
 * A packet up to this far behind is late or a duplicate, further it is another source. More than the appendix's 100, which
 * at 8 Mbit/s is a tenth of a second: packets may overtake one another by three.
 */
const MAX_MISORDER = 256;

/**
 * Gives each packet its extended sequence number (RFC 3550, appendix A.1). A single packet that does not fit (other
 * SSRC, far jump) is held back: only when the next one follows it is it a source reset, and both are given out;
 * otherwise it was a stray and is dropped.
 */
export class RtpSequencer {
  #ssrc = 0;
  #highest = -1;
  #candidate: RtpPacket | null = null;
  #resets = 0;
  #strays = 0;

  get resets(): number {
    return this.#resets;
  }

  get strays(): number {
    return this.#strays;
  }

  /** SSRC of the current source; null before the first packet. */
  get ssrc(): number | null {
    return this.#highest < 0 ? null : this.#ssrc;
  }

  /** Highest extended sequence number seen; -1 before the first packet. */
  get highest(): number {
    return this.#highest;
  }

  /** Zero, one or (at a reset) two packets, to be handled in this order. */
  place(packet: RtpPacket): PlacedPacket[] {
    if (this.#highest < 0) {
      this.#ssrc = packet.ssrc;
      this.#highest = packet.sequenceNumber;
      return [{ packet, extendedSequence: this.#highest, reset: false }];
    }
    const ahead = signed16(packet.sequenceNumber - (this.#highest & 0xffff));
    if (packet.ssrc === this.#ssrc && ahead < MAX_DROPOUT && ahead > -MAX_MISORDER) {
      if (this.#candidate) this.#dropCandidate();
      const extendedSequence = this.#highest + ahead;
      if (ahead > 0) this.#highest = extendedSequence;
      return extendedSequence < 0 ? [] : [{ packet, extendedSequence, reset: false }];
    }
    return this.#misfit(packet);
  }

  #misfit(packet: RtpPacket): PlacedPacket[] {
    const candidate = this.#candidate;
    const follows =
      candidate?.ssrc === packet.ssrc && packet.sequenceNumber === ((candidate.sequenceNumber + 1) & 0xffff);
    if (!candidate || !follows) {
      if (candidate) this.#dropCandidate();
      this.#candidate = packet;
      return [];
    }
    this.#candidate = null;
    this.#resets++;
    this.#ssrc = packet.ssrc;
    // Two cycles up leaves room for whatever was still to come from the old source: the numbers never go back.
    const cycles = Math.floor(this.#highest / 65536) + 2;
    const first = cycles * 65536 + candidate.sequenceNumber;
    this.#highest = first + 1;
    return [
      { packet: candidate, extendedSequence: first, reset: true },
      { packet, extendedSequence: first + 1, reset: false },
    ];
  }

  #dropCandidate(): void {
    this.#candidate = null;
    this.#strays++;
  }
}

function signed16(difference: number): number {
  return (difference << 16) >> 16;
}
