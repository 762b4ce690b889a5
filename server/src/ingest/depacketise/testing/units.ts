import type { AccessUnit } from '../access-unit.js';
import type { VideoCodec } from '../codec-rules.js';
import {
  createDepacketiser,
  type Depacketiser,
  type DepacketiserOptions,
  type DepacketiserPacket,
} from '../depacketiser.js';
import type { TestPayload } from './packetiser.js';

/** A small parameter set that can be read; see sps.test.ts for where they come from. */
export const H264_SPS = Buffer.from('Z0LAHtkAoC/5cBEAAAMAAQAAAwAyDxYuSA==', 'base64');
export const H264_PPS = Buffer.from('aMuMsg==', 'base64');
export const H265_VPS = Buffer.from('QAEMAf//AWAAAAMAkAAAAwAAAwB4lZgJ', 'base64');
export const H265_SPS = Buffer.from('QgEBAWAAAAMAkAAAAwAAAwB4oAPAgBDnVZZWaSTK8BaAgAAAAwCAAAAMhA==', 'base64');
export const H265_PPS = Buffer.from('RAHBcrRiQA==', 'base64');

/** A slice: header, then a byte whose first bit says that it is the picture's first, then filling. */
export function slice(codec: VideoCodec, type: number, sizeBytes: number, first = true, fill = 0x5a): Buffer {
  const header = codec === 'h264' ? [0x60 | type] : [type << 1, 1];
  return Buffer.concat([
    Buffer.from([...header, first ? 0x88 : 0x08]),
    Buffer.alloc(Math.max(0, sizeBytes - header.length - 1), fill),
  ]);
}

/** A packet as the RTSP client gives it out. */
export function packet(payload: Uint8Array, fields: Partial<DepacketiserPacket> = {}): DepacketiserPacket {
  return {
    marker: false,
    timestamp: 0,
    payload,
    raw: payload,
    receivedAtMs: 0,
    lostBefore: 0,
    sourceReset: false,
    ...fields,
  };
}

/** A depacketiser that collects its units. */
export function collector(
  codec: VideoCodec,
  options: Partial<DepacketiserOptions> = {},
): { units: AccessUnit[]; depacketiser: Depacketiser } {
  const units: AccessUnit[] = [];
  return { units, depacketiser: createDepacketiser(codec, { ...options, onUnit: (unit) => units.push(unit) }) };
}

export function pushUnit(
  depacketiser: Depacketiser,
  payloads: readonly TestPayload[],
  timestamp: number,
  receivedAtMs = 0,
): void {
  for (const { payload, marker } of payloads) depacketiser.push(packet(payload, { marker, timestamp, receivedAtMs }));
}
