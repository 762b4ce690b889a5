/**
 * H.264 in RTP (RFC 6184), packetization mode 1: NAL units to payloads of at most so many bytes (5.6 single NAL units,
 * 5.7.1 STAP-A, 5.8 FU-A), and back. Pure.
 */

const NAL_TYPE = 0x1f;
const NAL_IMPORTANCE = 0x60;
const STAP_A = 24;
const FU_A = 28;
const FU_START = 0x80;
const FU_END = 0x40;
const FU_HEADERS = 2;
/** Of a unit inside a STAP-A. */
const LENGTH_BYTES = 2;

/**
 * The payloads of one access unit: as they came if each fits, else its NAL units packed anew. `parameterSets` go first.
 * What is no H.264 is left out. `maxBytes` at least 16.
 */
export function fitUnit(
  packets: readonly Uint8Array[],
  parameterSets: readonly Uint8Array[],
  maxBytes: number,
): Uint8Array[] {
  const payloads: Uint8Array[] = [];
  let fits = true;
  for (const packet of packets) {
    const payload = payloadOf(packet);
    if (!payload) continue;
    payloads.push(payload);
    if (payload.length > maxBytes) fits = false;
  }
  if (!fits) return packetise([...parameterSets, ...nalUnitsOf(payloads)], maxBytes);
  return parameterSets.length > 0 ? [...packetise(parameterSets, maxBytes), ...payloads] : payloads;
}

/** Neighbours that fit together share a STAP-A; what does not fit alone is fragmented evenly. */
export function packetise(nals: readonly Uint8Array[], maxBytes: number): Uint8Array[] {
  const payloads: Uint8Array[] = [];
  let group: Uint8Array[] = [];
  let groupBytes = 1;
  const flush = (): void => {
    if (group.length > 0) payloads.push(group.length === 1 ? group[0]! : aggregate(group, groupBytes));
    group = [];
    groupBytes = 1;
  };
  for (const nal of nals) {
    if (nal.length < 2) continue;
    if (nal.length > maxBytes) {
      flush();
      payloads.push(...fragment(nal, maxBytes));
      continue;
    }
    if (groupBytes + LENGTH_BYTES + nal.length > maxBytes) flush();
    group.push(nal);
    groupBytes += LENGTH_BYTES + nal.length;
  }
  flush();
  return payloads;
}

function aggregate(nals: readonly Uint8Array[], bytes: number): Uint8Array {
  const payload = new Uint8Array(bytes);
  let importance = 0;
  let at = 1;
  for (const nal of nals) {
    importance = Math.max(importance, nal[0]! & NAL_IMPORTANCE);
    payload[at] = nal.length >> 8;
    payload[at + 1] = nal.length & 0xff;
    payload.set(nal, at + LENGTH_BYTES);
    at += LENGTH_BYTES + nal.length;
  }
  payload[0] = importance | STAP_A;
  return payload;
}

function fragment(nal: Uint8Array, maxBytes: number): Uint8Array[] {
  const body = nal.subarray(1);
  const count = Math.ceil(body.length / (maxBytes - FU_HEADERS));
  return Array.from({ length: count }, (_, i) => {
    const part = body.subarray(Math.floor((i * body.length) / count), Math.floor(((i + 1) * body.length) / count));
    const payload = new Uint8Array(FU_HEADERS + part.length);
    payload[0] = (nal[0]! & ~NAL_TYPE) | FU_A;
    payload[1] = (nal[0]! & NAL_TYPE) | (i === 0 ? FU_START : 0) | (i === count - 1 ? FU_END : 0);
    payload.set(part, FU_HEADERS);
    return payload;
  });
}

/** The NAL units in the payloads of one access unit, in order; what is malformed or incomplete is left out. */
export function nalUnitsOf(payloads: readonly Uint8Array[]): Uint8Array[] {
  const nals: Uint8Array[] = [];
  let parts: Uint8Array[] | null = null;
  for (const payload of payloads) {
    if (payload.length < 2) continue;
    const type = payload[0]! & NAL_TYPE;
    if (type === FU_A) {
      const header = payload[1]!;
      if (header & FU_START) parts = [Uint8Array.of((payload[0]! & ~NAL_TYPE) | (header & NAL_TYPE))];
      parts?.push(payload.subarray(FU_HEADERS));
      if (parts && header & FU_END) {
        nals.push(join(parts));
        parts = null;
      }
      continue;
    }
    parts = null;
    if (type === STAP_A) nals.push(...unitsOfAggregate(payload));
    else if (type >= 1 && type <= 23) nals.push(payload);
  }
  return nals;
}

/** A length that points beyond the end ends the list. */
function unitsOfAggregate(payload: Uint8Array): Uint8Array[] {
  const units: Uint8Array[] = [];
  let at = 1;
  while (at + LENGTH_BYTES < payload.length) {
    const length = (payload[at]! << 8) | payload[at + 1]!;
    const end = at + LENGTH_BYTES + length;
    if (length === 0 || end > payload.length) break;
    units.push(payload.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  return units;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The payload of an RTP packet (RFC 3550, 5.1), without CSRCs, extension and padding; null if it is none. */
export function payloadOf(packet: Uint8Array): Uint8Array | null {
  if (packet.length < 12 || packet[0]! >> 6 !== 2) return null;
  let start = 12 + 4 * (packet[0]! & 0x0f);
  if (packet[0]! & 0x10) {
    if (start + 4 > packet.length) return null;
    start += 4 + 4 * ((packet[start + 2]! << 8) | packet[start + 3]!);
  }
  const padding = packet[0]! & 0x20 ? packet.at(-1)! : 0;
  const end = packet.length - padding;
  return start < end ? packet.subarray(start, end) : null;
}
