/** What a viewer asks for in RTCP (RFC 3550, 6; RFC 4585, 6.2.1 and 6.3.1). Pure. */
import { ntpTimestamp } from '@lanecast/server/core/ntp';

const SENDER_REPORT = 200;
const TRANSPORT_FEEDBACK = 205;
const PAYLOAD_FEEDBACK = 206;
const GENERIC_NACK = 1;
const PICTURE_LOSS = 1;

export interface Feedback {
  /** Sequence numbers. */
  lost: number[];
  pictureLost: boolean;
}

/** The requests in a compound packet about one sender; whatever is malformed ends the reading. */
export function parseFeedback(packet: Buffer, ssrc: number): Feedback {
  const feedback: Feedback = { lost: [], pictureLost: false };
  for (let at = 0; at + 12 <= packet.length;) {
    const end = at + 4 * (packet.readUInt16BE(at + 2) + 1);
    if (packet[at]! >> 6 !== 2 || end > packet.length) break;
    const format = packet[at]! & 0x1f;
    const type = packet[at + 1]!;
    if (end >= at + 12 && packet.readUInt32BE(at + 8) === ssrc) {
      if (type === PAYLOAD_FEEDBACK && format === PICTURE_LOSS) feedback.pictureLost = true;
      if (type === TRANSPORT_FEEDBACK && format === GENERIC_NACK)
        for (let item = at + 12; item + 4 <= end; item += 4) {
          const first = packet.readUInt16BE(item);
          feedback.lost.push(first);
          const following = packet.readUInt16BE(item + 2);
          for (let bit = 0; bit < 16; bit++) if ((following >> bit) & 1) feedback.lost.push((first + bit + 1) & 0xffff);
        }
    }
    at = end;
  }
  return feedback;
}

/** A sender report without report blocks (RFC 3550, 6.4.1). */
export function senderReport(
  ssrc: number,
  wallMs: number,
  rtpTimestamp: number,
  packets: number,
  bytes: number,
): Buffer {
  const report = Buffer.alloc(28);
  report[0] = 0x80;
  report[1] = SENDER_REPORT;
  report.writeUInt16BE(6, 2);
  report.writeUInt32BE(ssrc, 4);
  report.writeBigUInt64BE(ntpTimestamp(wallMs), 8);
  report.writeUInt32BE(rtpTimestamp, 16);
  report.writeUInt32BE(packets >>> 0, 20);
  report.writeUInt32BE(bytes >>> 0, 24);
  return report;
}
