import { uint16, uint32 } from './rtp-packet.js';

/** An RTCP sender report (RFC 3550, section 6.4.1): ties the RTP clock to the sender's wall clock. */
export interface SenderReport {
  ssrc: number;
  /** Milliseconds since the Unix epoch on the sender's clock (many cameras count from their boot, or from 1900). */
  ntpUnixMs: number;
  /** The middle 32 bits of the NTP timestamp, as receiver reports quote them. */
  ntpMiddle: number;
  /** The same instant in RTP time, 32 bits. */
  rtpTimestamp: number;
  packetCount: number;
  octetCount: number;
  /** Monotonic. */
  receivedAtMs: number;
}

export interface RtcpContents {
  senderReports: SenderReport[];
  /** SSRCs that said goodbye. */
  byes: number[];
}

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const BYE = 203;
const SDES_CNAME = 1;
/** Seconds from 1900 (NTP) to 1970 (Unix). */
const NTP_TO_UNIX_S = 2_208_988_800;
const MAX_PACKETS_IN_COMPOUND = 32;

/** Takes from a compound packet what can be read; stops at the first malformed part. Never throws. */
export function parseRtcp(bytes: Uint8Array, receivedAtMs: number): RtcpContents {
  const contents: RtcpContents = { senderReports: [], byes: [] };
  let offset = 0;
  for (let i = 0; i < MAX_PACKETS_IN_COMPOUND && offset + 4 <= bytes.length; i++) {
    const first = bytes[offset]!;
    const end = offset + 4 + uint16(bytes, offset + 2) * 4;
    if (first >> 6 !== 2 || end > bytes.length) break;
    const type = bytes[offset + 1]!;
    if (type === SENDER_REPORT && end - offset >= 28) {
      contents.senderReports.push(readSenderReport(bytes, offset, receivedAtMs));
    } else if (type === BYE) {
      const count = Math.min(first & 0x1f, (end - offset - 4) / 4);
      for (let k = 0; k < count; k++) contents.byes.push(uint32(bytes, offset + 4 + k * 4));
    }
    offset = end;
  }
  return contents;
}

function readSenderReport(bytes: Uint8Array, offset: number, receivedAtMs: number): SenderReport {
  const ntpSeconds = uint32(bytes, offset + 8);
  const ntpFraction = uint32(bytes, offset + 12);
  return {
    ssrc: uint32(bytes, offset + 4),
    ntpUnixMs: (ntpSeconds - NTP_TO_UNIX_S) * 1000 + (ntpFraction * 1000) / 2 ** 32,
    ntpMiddle: uint32(bytes, offset + 10),
    rtpTimestamp: uint32(bytes, offset + 16),
    packetCount: uint32(bytes, offset + 20),
    octetCount: uint32(bytes, offset + 24),
    receivedAtMs,
  };
}

/** What a receiver report says about one source (RFC 3550, section 6.4.1). */
export interface ReceptionReport {
  ssrc: number;
  /** Loss since the last report, in 1/256. */
  fractionLost: number;
  /** Since the beginning; may be negative with duplicates; 24 bits signed. */
  cumulativeLost: number;
  /** Low 32 bits of the extended highest sequence number. */
  highestSequence: number;
  /** Interarrival jitter in RTP clock units. */
  jitter: number;
  /** `ntpMiddle` of the last sender report; 0 if there was none. */
  lastSenderReport: number;
  /** Since that report, in 1/65536 s; 0 if there was none. */
  delaySinceLastSenderReport: number;
}

/** A compound packet: receiver report (empty before the first packet) and the mandatory CNAME. */
export function buildReceiverReport(ownSsrc: number, cname: string, report: ReceptionReport | null): Uint8Array {
  const reportBytes = report ? 32 : 8;
  const name = Buffer.from(cname, 'latin1').subarray(0, 255);
  // One SDES chunk: SSRC, item header, text, at least one zero byte up to a multiple of four.
  const chunkBytes = Math.ceil((4 + 2 + name.length + 1) / 4) * 4;
  const packet = Buffer.alloc(reportBytes + 4 + chunkBytes);
  packet[0] = 0x80 | (report ? 1 : 0);
  packet[1] = RECEIVER_REPORT;
  packet.writeUInt16BE(reportBytes / 4 - 1, 2);
  packet.writeUInt32BE(ownSsrc, 4);
  if (report) {
    packet.writeUInt32BE(report.ssrc, 8);
    packet[12] = clamp(report.fractionLost, 0, 255);
    packet.writeIntBE(clamp(report.cumulativeLost, -0x800000, 0x7fffff), 13, 3);
    packet.writeUInt32BE(report.highestSequence % 2 ** 32, 16);
    packet.writeUInt32BE(clamp(report.jitter, 0, 0xffffffff), 20);
    packet.writeUInt32BE(report.lastSenderReport, 24);
    packet.writeUInt32BE(clamp(report.delaySinceLastSenderReport, 0, 0xffffffff), 28);
  }
  packet[reportBytes] = 0x81;
  packet[reportBytes + 1] = SOURCE_DESCRIPTION;
  packet.writeUInt16BE(chunkBytes / 4, reportBytes + 2);
  packet.writeUInt32BE(ownSsrc, reportBytes + 4);
  packet[reportBytes + 8] = SDES_CNAME;
  packet[reportBytes + 9] = name.length;
  packet.set(name, reportBytes + 10);
  return packet;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, Math.floor(value)));
}
