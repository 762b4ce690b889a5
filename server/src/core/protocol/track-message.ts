/**
 * The tracks of one frame on the data channel `tracks`: little-endian, versioned.
 *
 * Header, 40 bytes: u8 version, u8 kind (1: tracks), u16 stream index, u32 rtpTimestamp, u32 sequence, f64 ptsUs,
 * u16 epoch (its low bits), u16 width, u16 height, u16 count, i32 frameNo (-1: not read), f64 arrivedAtEpochMs (NaN:
 * unknown).
 *
 * Each track, 24 bytes: u32 id, u8 class index, u8 flags, u8 score (1/255), u8 reserved, 4 x u16 box (x, y, width, height;
 * 1/65535 of the picture, clipped to it), 2 x i16 velocity of the centre (1/8192 of the picture a second), u16 speed
 * (0.01 km/h; 65535: unknown), u16 sigma (the same).
 *
 * Pure. Signalling maps stream indexes to ids and class indexes to names.
 */
import { LanecastError } from '../errors.js';

export const TRACK_PROTOCOL_VERSION = 1;
const KIND_TRACKS = 1;
const HEADER_BYTES = 40;
const TRACK_BYTES = 24;
/** What fits one u16, and far more than any camera shows. */
export const MAX_TRACKS = 1000;

const MEASURED = 1;
const CALIBRATED = 2;
const BOX_STEPS = 65_535;
const VELOCITY_STEPS = 8192;
const SPEED_STEPS = 100;
const SPEED_UNKNOWN = 65_535;

export interface WireTrack {
  /** Unique within stream and epoch. */
  id: number;
  /** Index into the classes that signalling gave. */
  classIndex: number;
  /** 0..1. */
  score: number;
  /** False: foretold by the filter. */
  measured: boolean;
  /** False: the speed rests on the default scale. */
  calibrated: boolean;
  /** Upper left corner and size, shares of the picture; clipped to it. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** Of the centre, shares of the picture a second; within +-4. */
  velocityX: number;
  velocityY: number;
  speedKmh: number | null;
  speedSigmaKmh: number | null;
}

export interface WireTracks {
  streamIndex: number;
  rtpTimestamp: number;
  /** Counts the messages of a stream: gaps are losses. */
  sequence: number;
  ptsUs: number;
  /** The low 16 bits of the stream's epoch. */
  epoch: number;
  /** Source picture, pixels. */
  width: number;
  height: number;
  /** The machine-readable number in the decoded picture; null: not read. */
  frameNo: number | null;
  /** When the frame had arrived at the server, its wall clock; null: unknown. */
  arrivedAtEpochMs: number | null;
  tracks: WireTrack[];
}

/** Tracks beyond MAX_TRACKS are left out. */
export function encodeTracks(message: WireTracks): Uint8Array<ArrayBuffer> {
  const tracks = message.tracks.slice(0, MAX_TRACKS);
  const bytes = new Uint8Array(HEADER_BYTES + TRACK_BYTES * tracks.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, TRACK_PROTOCOL_VERSION);
  view.setUint8(1, KIND_TRACKS);
  view.setUint16(2, message.streamIndex, true);
  view.setUint32(4, message.rtpTimestamp, true);
  view.setUint32(8, message.sequence, true);
  view.setFloat64(12, message.ptsUs, true);
  view.setUint16(20, message.epoch & 0xffff, true);
  view.setUint16(22, message.width, true);
  view.setUint16(24, message.height, true);
  view.setUint16(26, tracks.length, true);
  view.setInt32(28, message.frameNo ?? -1, true);
  view.setFloat64(32, message.arrivedAtEpochMs ?? NaN, true);
  tracks.forEach((track, i) => writeTrack(view, HEADER_BYTES + TRACK_BYTES * i, track));
  return bytes;
}

function writeTrack(view: DataView, at: number, track: WireTrack): void {
  view.setUint32(at, track.id, true);
  view.setUint8(at + 4, track.classIndex);
  view.setUint8(at + 5, (track.measured ? MEASURED : 0) | (track.calibrated ? CALIBRATED : 0));
  view.setUint8(at + 6, Math.round(clamp(track.score, 0, 1) * 255));
  const left = clamp(track.x, 0, 1);
  const top = clamp(track.y, 0, 1);
  view.setUint16(at + 8, Math.round(left * BOX_STEPS), true);
  view.setUint16(at + 10, Math.round(top * BOX_STEPS), true);
  view.setUint16(at + 12, Math.round((clamp(track.x + track.width, left, 1) - left) * BOX_STEPS), true);
  view.setUint16(at + 14, Math.round((clamp(track.y + track.height, top, 1) - top) * BOX_STEPS), true);
  view.setInt16(at + 16, steps(track.velocityX), true);
  view.setInt16(at + 18, steps(track.velocityY), true);
  view.setUint16(at + 20, speedSteps(track.speedKmh), true);
  view.setUint16(at + 22, speedSteps(track.speedSigmaKmh), true);
}

/** Throws a LanecastError `tracks-malformed` for anything that `encodeTracks` does not write. */
export function decodeTracks(bytes: ArrayBuffer | Uint8Array): WireTracks {
  const view =
    bytes instanceof Uint8Array ? new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new DataView(bytes);
  if (view.byteLength < HEADER_BYTES) throw malformed(`${view.byteLength} bytes are less than a header`);
  const version = view.getUint8(0);
  if (version !== TRACK_PROTOCOL_VERSION) throw malformed(`version ${version} is not ${TRACK_PROTOCOL_VERSION}`);
  if (view.getUint8(1) !== KIND_TRACKS) throw malformed(`kind ${view.getUint8(1)} is unknown`);
  const count = view.getUint16(26, true);
  if (view.byteLength !== HEADER_BYTES + TRACK_BYTES * count)
    throw malformed(`${view.byteLength} bytes do not hold ${count} tracks`);
  const frameNo = view.getInt32(28, true);
  const arrived = view.getFloat64(32, true);
  return {
    streamIndex: view.getUint16(2, true),
    rtpTimestamp: view.getUint32(4, true),
    sequence: view.getUint32(8, true),
    ptsUs: view.getFloat64(12, true),
    epoch: view.getUint16(20, true),
    width: view.getUint16(22, true),
    height: view.getUint16(24, true),
    frameNo: frameNo < 0 ? null : frameNo,
    arrivedAtEpochMs: Number.isFinite(arrived) ? arrived : null,
    tracks: Array.from({ length: count }, (_, i) => readTrack(view, HEADER_BYTES + TRACK_BYTES * i)),
  };
}

function readTrack(view: DataView, at: number): WireTrack {
  const flags = view.getUint8(at + 5);
  return {
    id: view.getUint32(at, true),
    classIndex: view.getUint8(at + 4),
    score: view.getUint8(at + 6) / 255,
    measured: (flags & MEASURED) !== 0,
    calibrated: (flags & CALIBRATED) !== 0,
    x: view.getUint16(at + 8, true) / BOX_STEPS,
    y: view.getUint16(at + 10, true) / BOX_STEPS,
    width: view.getUint16(at + 12, true) / BOX_STEPS,
    height: view.getUint16(at + 14, true) / BOX_STEPS,
    velocityX: view.getInt16(at + 16, true) / VELOCITY_STEPS,
    velocityY: view.getInt16(at + 18, true) / VELOCITY_STEPS,
    speedKmh: speedOf(view.getUint16(at + 20, true)),
    speedSigmaKmh: speedOf(view.getUint16(at + 22, true)),
  };
}

function steps(velocity: number): number {
  return Number.isFinite(velocity) ? clamp(Math.round(velocity * VELOCITY_STEPS), -32_768, 32_767) : 0;
}

function speedSteps(kmh: number | null): number {
  if (kmh === null || !Number.isFinite(kmh)) return SPEED_UNKNOWN;
  return clamp(Math.round(kmh * SPEED_STEPS), 0, SPEED_UNKNOWN - 1);
}

function speedOf(value: number): number | null {
  return value === SPEED_UNKNOWN ? null : value / SPEED_STEPS;
}

function clamp(value: number, low: number, high: number): number {
  return Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : low;
}

function malformed(what: string): LanecastError {
  return new LanecastError(
    'tracks-malformed',
    `A track message could not be read: ${what}; are page and server of one version?`,
  );
}
