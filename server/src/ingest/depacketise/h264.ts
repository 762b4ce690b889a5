import { BitReader, BitstreamError, unescapeRbsp } from './bit-reader.js';
import {
  MALFORMED_NAL,
  type CodecRules,
  type NalInfo,
  type ParameterSetKind,
  type PayloadSink,
} from './codec-rules.js';
import { parseH264Sps } from './sps.js';

const STAP_A = 24;
const STAP_B = 25;
const MTAP16 = 26;
const MTAP24 = 27;
const FU_A = 28;
const FU_B = 29;

const IDR_SLICE = 5;
const SEI = 6;
const SPS = 7;
const PPS = 8;
const DELIMITER = 9;

/** H.264 over RTP (RFC 6184), non-interleaved mode. */
export const H264_RULES: CodecRules = {
  codec: 'h264',
  nalHeaderBytes: 1,
  parameterSetKinds: ['sps', 'pps'],
  readPayload,
  inspect,
  parameterSetId,
  parseSps: parseH264Sps,
};

function readPayload(payload: Uint8Array, sink: PayloadSink): void {
  if (payload.length === 0) return;
  const type = payload[0]! & 0x1f;
  if (isNalType(type)) sink.nal(payload);
  else if (type === STAP_A) readAggregate(payload, sink);
  else if (type === FU_A) readFragment(payload, sink);
  else if (type === STAP_B || type === MTAP16 || type === MTAP24 || type === FU_B) sink.unsupported();
  else sink.malformed();
}

/** Section 5.7.1: after the header, NAL units each behind its 16-bit size. */
function readAggregate(payload: Uint8Array, sink: PayloadSink): void {
  let offset = 1;
  while (offset < payload.length) {
    const start = offset + 2;
    const end = start + payload[offset]! * 256 + (payload[offset + 1] ?? 0);
    if (end === start || end > payload.length || !isNalType(payload[start]! & 0x1f)) {
      sink.malformed();
      return;
    }
    sink.nal(payload.subarray(start, end));
    offset = end;
  }
}

/** Section 5.8: indicator, header (start, end, type), data. */
function readFragment(payload: Uint8Array, sink: PayloadSink): void {
  const fuHeader = payload[1];
  if (fuHeader === undefined || payload.length < 3 || !isNalType(fuHeader & 0x1f)) {
    sink.malformed();
    return;
  }
  sink.fragment({
    type: fuHeader & 0x1f,
    header: Uint8Array.of((payload[0]! & 0xe0) | (fuHeader & 0x1f)),
    data: payload.subarray(2),
    start: (fuHeader & 0x80) !== 0,
    end: (fuHeader & 0x40) !== 0,
  });
}

function isNalType(type: number): boolean {
  return type >= 1 && type <= 23;
}

function inspect(nal: Uint8Array): NalInfo {
  if (nal.length === 0) return MALFORMED_NAL;
  const type = nal[0]! & 0x1f;
  const isPicture = type >= 1 && type <= IDR_SLICE;
  // first_mb_in_slice is ue(v): a leading 1 bit means 0. Data partitions B and C (3, 4) begin with slice_id instead.
  const isFirstSlice = (type === 1 || type === 2 || type === IDR_SLICE) && ((nal[1] ?? 0) & 0x80) !== 0;
  return {
    type,
    isPicture,
    isKeyframe: type === IDR_SLICE,
    // Section 7.4.1.2.3 of H.264: these come before the first slice.
    startsAccessUnit: isFirstSlice || (type >= SEI && type <= DELIMITER) || (type >= 14 && type <= 18),
    parameterSet: type === SPS ? 'sps' : type === PPS ? 'pps' : null,
    isDelimiter: type === DELIMITER,
    isSei: type === SEI,
  };
}

function parameterSetId(nal: Uint8Array, kind: ParameterSetKind): number | null {
  try {
    // The sequence parameter set has profile, constraints and level before its id.
    const bits = new BitReader(unescapeRbsp(nal.subarray(1), 32));
    if (kind === 'sps') bits.skip(24);
    return bits.unsignedUpTo(kind === 'sps' ? 31 : 255);
  } catch (error) {
    if (error instanceof BitstreamError) return null;
    throw error;
  }
}
