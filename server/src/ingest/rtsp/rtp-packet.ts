/** One received RTP packet. All arrays are views of memory that belongs to this packet alone: they may be kept. */
export interface RtpPacket {
  payloadType: number;
  marker: boolean;
  /** As on the wire, 16 bits. */
  sequenceNumber: number;
  /** As on the wire, 32 bits, unsigned. */
  timestamp: number;
  ssrc: number;
  /** Without CSRCs, header extension and padding; may be empty. */
  payload: Uint8Array;
  /** The whole packet as it came. */
  raw: Uint8Array;
  /** Monotonic. */
  receivedAtMs: number;
}

/** A packet in its place in the stream: what the client hands out. */
export interface SequencedRtpPacket extends RtpPacket {
  /** Counts on over wraps and source resets; strictly increasing. */
  extendedSequence: number;
  /** Packets that are missing between the one handed out before and this one. */
  lostBefore: number;
  /** The sender started anew (other SSRC, or a jump of the sequence): timestamps are unrelated to those before. */
  sourceReset: boolean;
}

export const RTP_HEADER_BYTES = 12;

/**
 * Parses a packet (RFC 3550, section 5.1). Returns null if it is malformed.
 * @param raw memory of this packet alone (it is kept, not copied)
 */
export function parseRtpPacket(raw: Uint8Array, receivedAtMs: number): RtpPacket | null {
  if (raw.length < RTP_HEADER_BYTES) return null;
  const first = raw[0]!;
  if (first >> 6 !== 2) return null;
  let start = RTP_HEADER_BYTES + (first & 0x0f) * 4;
  if ((first & 0x10) !== 0) {
    if (start + 4 > raw.length) return null;
    start += 4 + uint16(raw, start + 2) * 4;
  }
  let end = raw.length;
  if ((first & 0x20) !== 0) {
    const padding = raw[raw.length - 1]!;
    if (padding === 0) return null;
    end -= padding;
  }
  if (start > end) return null;
  return {
    payloadType: raw[1]! & 0x7f,
    marker: (raw[1]! & 0x80) !== 0,
    sequenceNumber: uint16(raw, 2),
    timestamp: uint32(raw, 4),
    ssrc: uint32(raw, 8),
    payload: raw.subarray(start, end),
    raw,
    receivedAtMs,
  };
}

/** Big-endian, unsigned; the caller has checked the bounds. */
export function uint16(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! * 256 + bytes[offset + 1]!;
}

/** Big-endian, unsigned; the caller has checked the bounds. */
export function uint32(bytes: Uint8Array, offset: number): number {
  return uint16(bytes, offset) * 65536 + uint16(bytes, offset + 2);
}
