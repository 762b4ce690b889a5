import { unescapeRbsp } from './bit-reader.js';

const RECOVERY_POINT = 6;
const MAX_SEI_BYTES = 1024;

/**
 * Whether a supplemental enhancement information unit holds a recovery point (H.264 D.1.7, H.265 D.2.8): decoding may
 * begin here although there is no IDR picture (intra refresh, open groups of pictures).
 * @param payload the NAL unit without its header
 */
export function hasRecoveryPoint(payload: Uint8Array): boolean {
  const bytes = unescapeRbsp(payload, MAX_SEI_BYTES);
  let offset = 0;
  // The last byte holds the trailing bits.
  while (offset + 2 < bytes.length) {
    const type = readLength(bytes, offset);
    const size = readLength(bytes, type.next);
    if (type.value === RECOVERY_POINT && size.next < bytes.length) return true;
    offset = size.next + size.value;
  }
  return false;
}

/** A number as a run of 0xff and a last byte (7.3.2.3.1). */
function readLength(bytes: Uint8Array, start: number): { value: number; next: number } {
  let value = 0;
  let next = start;
  while (bytes[next] === 0xff) {
    value += 255;
    next++;
  }
  return { value: value + (bytes[next] ?? 0), next: next + 1 };
}
