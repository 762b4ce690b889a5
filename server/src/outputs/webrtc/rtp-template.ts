import { RtpHeader } from 'werift';

const HEADER_BYTES = 12;
const ONE_BYTE_EXTENSIONS = 0xbede;
const MAX_ELEMENT_BYTES = 16;

export interface HeaderExtension {
  /** 1..14. */
  id: number;
  /** 1..16 bytes. */
  data: Uint8Array;
}

/**
 * An RTP header (RFC 3550, 5.1) of which only sequence number, timestamp and marker change from packet to packet: all else,
 * header extensions included (RFC 8285, 4.2), is written once. `serialize` gives the same memory each time: werift copies
 * it before anything else is sent.
 */
export class RtpTemplate extends RtpHeader {
  readonly #bytes: Buffer;

  constructor(ssrc: number, payloadType: number, extensions: readonly HeaderExtension[]) {
    super({ ssrc, payloadType });
    const elements: number[] = [];
    for (const { id, data } of extensions) {
      if (id < 1 || id > 14 || data.length < 1 || data.length > MAX_ELEMENT_BYTES) continue;
      elements.push((id << 4) | (data.length - 1), ...data);
    }
    while (elements.length % 4 !== 0) elements.push(0);
    const bytes = Buffer.alloc(HEADER_BYTES + (elements.length > 0 ? 4 + elements.length : 0));
    bytes[0] = 0x80;
    bytes[1] = payloadType;
    bytes.writeUInt32BE(ssrc, 8);
    if (elements.length > 0) {
      bytes[0] |= 0x10;
      bytes.writeUInt16BE(ONE_BYTE_EXTENSIONS, HEADER_BYTES);
      bytes.writeUInt16BE(elements.length / 4, HEADER_BYTES + 2);
      bytes.set(elements, HEADER_BYTES + 4);
    }
    this.#bytes = bytes;
  }

  override get serializeSize(): number {
    return this.#bytes.length;
  }

  override serialize(): Buffer<ArrayBuffer> {
    const bytes = this.#bytes;
    bytes[1] = this.marker ? this.payloadType | 0x80 : this.payloadType;
    bytes.writeUInt16BE(this.sequenceNumber, 2);
    bytes.writeUInt32BE(this.timestamp, 4);
    return bytes as Buffer<ArrayBuffer>;
  }
}
