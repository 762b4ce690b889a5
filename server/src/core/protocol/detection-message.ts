/**
 * One frame's raw detections (before suppression) on the data channel `detections`, from a lender to the server:
 * little-endian, versioned.
 *
 * Header, 24 bytes: u8 version, u8 kind (2: detections), u16 count, u32 lease, u16 stream index, u16 reserved,
 * u32 rtpTimestamp, u16 source width, u16 source height, u16 time of the inference, u16 time in all (0.1 ms, at most
 * 6.5 s).
 *
 * Each row, 12 bytes: 2 x i16 centre (1/16384 of the picture, -2 to 2: it may lie outside), 2 x u16 size (1/32768 of the
 * picture, at most 2), u16 score (1/65535), u8 class index, u8 reserved. So a number that is none cannot be written, and a
 * hundred rows fit one packet.
 *
 * Pure. Signalling maps stream indexes to ids, and classes are those of the model's metadata.
 */
import { LanecastError } from '../errors.js';

export const DETECTION_PROTOCOL_VERSION = 1;
const KIND_DETECTIONS = 2;
const HEADER_BYTES = 24;
const ROW_BYTES = 12;
/** Numbers of a row: centre x, centre y, width, height (shares of the source picture), score, class index. */
export const DETECTION_FIELDS = 6;
/** The most rows of a message. */
export const MAX_DETECTION_ROWS = 1000;
/** The longest message. */
export const MAX_DETECTION_BYTES = HEADER_BYTES + ROW_BYTES * MAX_DETECTION_ROWS;

const CENTRE_STEPS = 16_384;
const SIZE_STEPS = 32_768;
const SCORE_STEPS = 65_535;
const TENTHS = 10;

export interface WireDetections {
  /** What the lease was given as. */
  lease: number;
  streamIndex: number;
  rtpTimestamp: number;
  /** The lender's frame, pixels. */
  sourceWidth: number;
  sourceHeight: number;
  inferMs: number;
  /** From the frame's being taken to its rows. */
  totalMs: number;
  /** Rows of `DETECTION_FIELDS`. */
  rows: Float32Array;
}

/** Rows with a number that is none are left out, and so are those beyond MAX_DETECTION_ROWS. */
export function encodeDetections(message: WireDetections): Uint8Array<ArrayBuffer> {
  const { rows } = message;
  const good: number[] = [];
  for (let at = 0; at + DETECTION_FIELDS <= rows.length && good.length < MAX_DETECTION_ROWS; at += DETECTION_FIELDS)
    if (rows.subarray(at, at + DETECTION_FIELDS).every(Number.isFinite)) good.push(at);
  const bytes = new Uint8Array(HEADER_BYTES + ROW_BYTES * good.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, DETECTION_PROTOCOL_VERSION);
  view.setUint8(1, KIND_DETECTIONS);
  view.setUint16(2, good.length, true);
  view.setUint32(4, message.lease, true);
  view.setUint16(8, message.streamIndex, true);
  view.setUint32(12, message.rtpTimestamp, true);
  view.setUint16(16, message.sourceWidth, true);
  view.setUint16(18, message.sourceHeight, true);
  view.setUint16(20, steps(message.inferMs, TENTHS, 0, 65_535), true);
  view.setUint16(22, steps(message.totalMs, TENTHS, 0, 65_535), true);
  good.forEach((from, i) => {
    const at = HEADER_BYTES + ROW_BYTES * i;
    view.setInt16(at, steps(rows[from]!, CENTRE_STEPS, -32_768, 32_767), true);
    view.setInt16(at + 2, steps(rows[from + 1]!, CENTRE_STEPS, -32_768, 32_767), true);
    view.setUint16(at + 4, steps(rows[from + 2]!, SIZE_STEPS, 0, 65_535), true);
    view.setUint16(at + 6, steps(rows[from + 3]!, SIZE_STEPS, 0, 65_535), true);
    view.setUint16(at + 8, steps(rows[from + 4]!, SCORE_STEPS, 0, 65_535), true);
    view.setUint8(at + 10, steps(rows[from + 5]!, 1, 0, 255));
  });
  return bytes;
}

/** Throws a LanecastError `detections-malformed` for anything that `encodeDetections` does not write. */
export function decodeDetections(bytes: ArrayBuffer | Uint8Array): WireDetections {
  const view =
    bytes instanceof Uint8Array ? new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new DataView(bytes);
  if (view.byteLength < HEADER_BYTES) throw malformed(`${view.byteLength} bytes are less than a header`);
  const version = view.getUint8(0);
  if (version !== DETECTION_PROTOCOL_VERSION)
    throw malformed(`version ${version} is not ${DETECTION_PROTOCOL_VERSION}`);
  if (view.getUint8(1) !== KIND_DETECTIONS) throw malformed(`kind ${view.getUint8(1)} is unknown`);
  const count = view.getUint16(2, true);
  if (count > MAX_DETECTION_ROWS) throw malformed(`${count} rows are more than ${MAX_DETECTION_ROWS}`);
  if (view.byteLength !== HEADER_BYTES + ROW_BYTES * count)
    throw malformed(`${view.byteLength} bytes do not hold ${count} rows`);
  if (view.getUint16(10, true) !== 0) throw malformed('a reserved field is set');
  const rows = new Float32Array(DETECTION_FIELDS * count);
  for (let i = 0; i < count; i++) {
    const at = HEADER_BYTES + ROW_BYTES * i;
    const to = DETECTION_FIELDS * i;
    rows[to] = view.getInt16(at, true) / CENTRE_STEPS;
    rows[to + 1] = view.getInt16(at + 2, true) / CENTRE_STEPS;
    rows[to + 2] = view.getUint16(at + 4, true) / SIZE_STEPS;
    rows[to + 3] = view.getUint16(at + 6, true) / SIZE_STEPS;
    rows[to + 4] = view.getUint16(at + 8, true) / SCORE_STEPS;
    rows[to + 5] = view.getUint8(at + 10);
    if (view.getUint8(at + 11) !== 0) throw malformed('a reserved field is set');
  }
  return {
    lease: view.getUint32(4, true),
    streamIndex: view.getUint16(8, true),
    rtpTimestamp: view.getUint32(12, true),
    sourceWidth: view.getUint16(16, true),
    sourceHeight: view.getUint16(18, true),
    inferMs: view.getUint16(20, true) / TENTHS,
    totalMs: view.getUint16(22, true) / TENTHS,
    rows,
  };
}

function steps(value: number, perUnit: number, low: number, high: number): number {
  return Number.isFinite(value) ? Math.min(high, Math.max(low, Math.round(value * perUnit))) : Math.max(low, 0);
}

function malformed(what: string): LanecastError {
  return new LanecastError(
    'detections-malformed',
    `A message of detections could not be read: ${what}; are page and server of one version?`,
  );
}
