/** Finds the RTP packets at which a reader can start: pure functions of one packet. */

export type VideoCodec = 'h264' | 'h265';

/**
 * The payload's first byte and the end of the payload in an RTP packet (RFC 3550, section 5.1), past CSRCs, a header
 * extension and padding; null when the packet is not well formed.
 */
export function rtpPayloadRange(packet: Buffer): { start: number; end: number } | null {
  if (packet.length < 12 || packet[0]! >> 6 !== 2) return null;
  let start = 12 + (packet[0]! & 0x0f) * 4;
  if ((packet[0]! & 0x10) !== 0) {
    if (packet.length < start + 4) return null;
    start += 4 + packet.readUInt16BE(start + 2) * 4;
  }
  const paddingBytes = (packet[0]! & 0x20) !== 0 ? packet[packet.length - 1]! : 0;
  const end = packet.length - paddingBytes;
  return start <= end ? { start, end } : null;
}

/**
 * Whether a keyframe's access unit begins in this packet: it holds the start of an IDR (H.264) or IRAP (H.265) picture,
 * or a sequence or video parameter set, which precede one. H.264: RFC 6184 (single NAL, STAP-A, FU-A); H.265: RFC 7798
 * (single NAL, AP, FU; without DONL fields).
 */
export function startsKeyframe(codec: VideoCodec, packet: Buffer): boolean {
  const range = rtpPayloadRange(packet);
  if (range === null) return false;
  const payload = packet.subarray(range.start, range.end);
  return codec === 'h264' ? startsH264Keyframe(payload) : startsH265Keyframe(payload);
}

const isH264Start = (nalType: number): boolean => nalType === 5 || nalType === 7;
const isH265Start = (nalType: number): boolean => (nalType >= 16 && nalType <= 21) || nalType === 32 || nalType === 33;

function startsH264Keyframe(payload: Buffer): boolean {
  if (payload.length < 2) return false;
  const nalType = payload[0]! & 0x1f;
  if (nalType === 24) return aggregateHas(payload, 1, (header) => isH264Start(header & 0x1f));
  if (nalType === 28) return (payload[1]! & 0x80) !== 0 && isH264Start(payload[1]! & 0x1f);
  return isH264Start(nalType);
}

function startsH265Keyframe(payload: Buffer): boolean {
  if (payload.length < 3) return false;
  const nalType = (payload[0]! >> 1) & 0x3f;
  if (nalType === 48) return aggregateHas(payload, 2, (header) => isH265Start((header >> 1) & 0x3f));
  if (nalType === 49) return (payload[2]! & 0x80) !== 0 && isH265Start(payload[2]! & 0x3f);
  return isH265Start(nalType);
}

/** Whether any NAL unit of a STAP-A or AP (16-bit size, then the unit) has a first byte that `matches`. */
function aggregateHas(payload: Buffer, firstUnit: number, matches: (header: number) => boolean): boolean {
  for (let at = firstUnit; at + 3 <= payload.length; at += 2 + payload.readUInt16BE(at)) {
    if (matches(payload[at + 2]!)) return true;
  }
  return false;
}
