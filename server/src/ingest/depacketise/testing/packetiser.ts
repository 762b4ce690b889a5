import type { VideoCodec } from '../codec-rules.js';

/** One RTP payload of a unit. */
export interface TestPayload {
  payload: Uint8Array;
  marker: boolean;
}

/**
 * Packs the NAL units of one access unit (RFC 6184 and RFC 7798): small neighbours together when `aggregate`, large
 * ones in fragments.
 */
export function packetise(
  codec: VideoCodec,
  nals: readonly Uint8Array[],
  maxPayloadBytes = 1200,
  aggregate = true,
): TestPayload[] {
  const payloads: Uint8Array[] = [];
  let group: Uint8Array[] = [];
  const flush = (): void => {
    if (group.length === 1) payloads.push(group[0]!);
    if (group.length > 1) payloads.push(aggregated(codec, group));
    group = [];
  };
  for (const nal of nals) {
    const groupBytes = group.reduce((sum, other) => sum + other.length + 2, 2);
    if (nal.length > maxPayloadBytes) {
      flush();
      for (const fragment of fragments(codec, nal, maxPayloadBytes)) payloads.push(fragment);
      continue;
    }
    if (!aggregate || groupBytes + nal.length + 2 > maxPayloadBytes) flush();
    group.push(nal);
  }
  flush();
  return payloads.map((payload, index) => ({ payload, marker: index === payloads.length - 1 }));
}

function aggregated(codec: VideoCodec, nals: readonly Uint8Array[]): Uint8Array {
  const header = codec === 'h264' ? [(nals[0]![0]! & 0x60) | 24] : [(nals[0]![0]! & 0x81) | (48 << 1), nals[0]![1]!];
  const parts = nals.flatMap((nal) => [Buffer.from([nal.length >> 8, nal.length & 0xff]), nal]);
  return Buffer.concat([Buffer.from(header), ...parts]);
}

function fragments(codec: VideoCodec, nal: Uint8Array, maxPayloadBytes: number): Uint8Array[] {
  const headerBytes = codec === 'h264' ? 1 : 2;
  const type = codec === 'h264' ? nal[0]! & 0x1f : (nal[0]! >> 1) & 0x3f;
  const indicator = codec === 'h264' ? [(nal[0]! & 0xe0) | 28] : [(nal[0]! & 0x81) | (49 << 1), nal[1]!];
  const size = maxPayloadBytes - headerBytes - 1;
  const result: Uint8Array[] = [];
  for (let offset = headerBytes; offset < nal.length; offset += size) {
    const start = offset === headerBytes ? 0x80 : 0;
    const end = offset + size >= nal.length ? 0x40 : 0;
    result.push(Buffer.concat([Buffer.from([...indicator, start | end | type]), nal.subarray(offset, offset + size)]));
  }
  return result;
}

/** Annex-B with start codes of four bytes. */
export function annexB(nals: readonly Uint8Array[]): Buffer {
  return Buffer.concat(nals.flatMap((nal) => [Buffer.from([0, 0, 0, 1]), nal]));
}

/** The NAL units of an Annex-B stream. */
export function splitAnnexB(stream: Uint8Array): Uint8Array[] {
  const starts: { code: number; nal: number }[] = [];
  for (let i = 0; i + 2 < stream.length; i++) {
    if (stream[i] === 0 && stream[i + 1] === 0 && stream[i + 2] === 1) {
      starts.push({ code: i > 0 && stream[i - 1] === 0 ? i - 1 : i, nal: i + 3 });
      i += 2;
    }
  }
  return starts.map(({ nal }, index) => stream.subarray(nal, starts[index + 1]?.code ?? stream.length));
}
