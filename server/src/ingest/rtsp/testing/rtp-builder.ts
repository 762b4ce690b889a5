/** Fields of an RTP packet for tests; what is left out is zero or empty. */
export interface RtpFields {
  payloadType?: number;
  marker?: boolean;
  sequenceNumber?: number;
  timestamp?: number;
  ssrc?: number;
  payload?: Uint8Array;
  csrcs?: number[];
  /** Header extension data, a multiple of four bytes. */
  extension?: Uint8Array;
  /** Bytes of padding, the last of which holds the count. */
  padding?: number;
}

/** Writes an RTP packet (RFC 3550, section 5.1). */
export function buildRtp(fields: RtpFields): Buffer {
  const { csrcs = [], extension, padding = 0, payload = new Uint8Array(0) } = fields;
  const header = Buffer.alloc(12 + csrcs.length * 4 + (extension ? 4 : 0));
  header[0] = 0x80 | (padding > 0 ? 0x20 : 0) | (extension ? 0x10 : 0) | csrcs.length;
  header[1] = (fields.marker === true ? 0x80 : 0) | (fields.payloadType ?? 96);
  header.writeUInt16BE((fields.sequenceNumber ?? 0) & 0xffff, 2);
  header.writeUInt32BE((fields.timestamp ?? 0) >>> 0, 4);
  header.writeUInt32BE((fields.ssrc ?? 0) >>> 0, 8);
  csrcs.forEach((csrc, index) => header.writeUInt32BE(csrc, 12 + index * 4));
  if (extension) {
    header.writeUInt16BE(0xbede, 12 + csrcs.length * 4);
    header.writeUInt16BE(extension.length / 4, 14 + csrcs.length * 4);
  }
  const tail = Buffer.alloc(padding);
  if (padding > 0) tail[padding - 1] = padding;
  return Buffer.concat([header, extension ?? Buffer.alloc(0), payload, tail]);
}

/** Writes a sender report without reception reports (RFC 3550, section 6.4.1). */
export function buildSenderReport(ssrc: number, ntpSeconds: number, ntpFraction: number, rtpTimestamp: number): Buffer {
  const packet = Buffer.alloc(28);
  packet[0] = 0x80;
  packet[1] = 200;
  packet.writeUInt16BE(6, 2);
  [ssrc, ntpSeconds, ntpFraction, rtpTimestamp, 10, 1000].forEach((value, index) =>
    packet.writeUInt32BE(value >>> 0, 4 + index * 4),
  );
  return packet;
}
