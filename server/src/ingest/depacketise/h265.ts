import { BitReader, BitstreamError, unescapeRbsp } from './bit-reader.js';
import {
  MALFORMED_NAL,
  type CodecRules,
  type NalInfo,
  type ParameterSetKind,
  type PayloadSink,
} from './codec-rules.js';
import { parseH265Sps } from './sps-h265.js';

const AGGREGATION_PACKET = 48;
const FRAGMENTATION_UNIT = 49;
const PACI = 50;

const LAST_PICTURE_TYPE = 31;
const FIRST_IRAP = 16;
const LAST_IRAP = 23;
const VPS = 32;
const SPS = 33;
const PPS = 34;
const DELIMITER = 35;
const PREFIX_SEI = 39;

/** H.265 over RTP (RFC 7798), without decoding order numbers (sprop-max-don-diff 0). */
export const H265_RULES: CodecRules = {
  codec: 'h265',
  nalHeaderBytes: 2,
  parameterSetKinds: ['vps', 'sps', 'pps'],
  readPayload,
  inspect,
  parameterSetId,
  parseSps: parseH265Sps,
};

function readPayload(payload: Uint8Array, sink: PayloadSink): void {
  if (payload.length === 0) return;
  const type = nalType(payload, 0);
  if (payload.length < 3) sink.malformed();
  else if (type < AGGREGATION_PACKET) sink.nal(payload);
  else if (type === AGGREGATION_PACKET) readAggregate(payload, sink);
  else if (type === FRAGMENTATION_UNIT) readFragment(payload, sink);
  else if (type === PACI) sink.unsupported();
  else sink.malformed();
}

/** Section 4.4.2: after the payload header, NAL units each behind its 16-bit size. */
function readAggregate(payload: Uint8Array, sink: PayloadSink): void {
  let offset = 2;
  while (offset < payload.length) {
    const start = offset + 2;
    const end = start + payload[offset]! * 256 + (payload[offset + 1] ?? 0);
    if (end < start + 3 || end > payload.length || nalType(payload, start) >= AGGREGATION_PACKET) {
      sink.malformed();
      return;
    }
    sink.nal(payload.subarray(start, end));
    offset = end;
  }
}

/** Section 4.4.3: payload header, FU header (start, end, type), data. */
function readFragment(payload: Uint8Array, sink: PayloadSink): void {
  const fuHeader = payload[2]!;
  const type = fuHeader & 0x3f;
  if (payload.length < 4 || type >= AGGREGATION_PACKET) {
    sink.malformed();
    return;
  }
  sink.fragment({
    type,
    header: Uint8Array.of((payload[0]! & 0x81) | (type << 1), payload[1]!),
    data: payload.subarray(3),
    start: (fuHeader & 0x80) !== 0,
    end: (fuHeader & 0x40) !== 0,
  });
}

function nalType(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! >> 1) & 0x3f;
}

function inspect(nal: Uint8Array): NalInfo {
  if (nal.length < 2) return MALFORMED_NAL;
  const type = nalType(nal, 0);
  const isPicture = type <= LAST_PICTURE_TYPE;
  const isFirstSlice = isPicture && ((nal[2] ?? 0) & 0x80) !== 0; // first_slice_segment_in_pic_flag
  return {
    type,
    isPicture,
    isKeyframe: type >= FIRST_IRAP && type <= LAST_IRAP,
    // Section 7.4.2.4.4 of H.265: these come before the first slice segment.
    startsAccessUnit:
      isFirstSlice || (type >= VPS && type <= DELIMITER) || type === PREFIX_SEI || (type >= 41 && type <= 44),
    parameterSet: type === VPS ? 'vps' : type === SPS ? 'sps' : type === PPS ? 'pps' : null,
    isDelimiter: type === DELIMITER,
    isSei: type === PREFIX_SEI,
  };
}

function parameterSetId(nal: Uint8Array, kind: ParameterSetKind): number | null {
  if (kind === 'sps') return parseH265Sps(nal)?.id ?? null;
  try {
    const bits = new BitReader(unescapeRbsp(nal.subarray(2), 32));
    return kind === 'vps' ? bits.bits(4) : bits.unsignedUpTo(63);
  } catch (error) {
    if (error instanceof BitstreamError) return null;
    throw error;
  }
}
