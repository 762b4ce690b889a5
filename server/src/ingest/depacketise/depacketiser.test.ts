import { describe, expect, it } from 'vitest';
import type { VideoCodec } from './codec-rules.js';
import { annexB, packetise } from './testing/packetiser.js';
import {
  collector,
  H264_PPS,
  H264_SPS,
  H265_PPS,
  H265_SPS,
  H265_VPS,
  packet,
  pushUnit,
  slice,
} from './testing/units.js';

const CODECS = [
  { codec: 'h264' as const, key: 5, inter: 1, sets: [H264_SPS, H264_PPS], sei: Buffer.from([6, 1, 1, 0x32, 0x80]) },
  {
    codec: 'h265' as const,
    key: 19,
    inter: 1,
    sets: [H265_VPS, H265_SPS, H265_PPS],
    sei: Buffer.from([39 << 1, 1, 1, 1, 0x32, 0x80]),
  },
];

describe.each(CODECS)('$codec', ({ codec, key, inter, sets, sei }) => {
  const keyframe = [...sets, slice(codec, key, 5000)];
  const interframe = [slice(codec, inter, 300), slice(codec, inter, 2500, false)];

  it('puts single units, aggregates and fragments together, at once at the marker', () => {
    const { units, depacketiser } = collector(codec);
    pushUnit(depacketiser, packetise(codec, keyframe), 0, 10);
    pushUnit(depacketiser, packetise(codec, interframe), 3600, 50);
    expect(units).toHaveLength(2);
    expect(Buffer.from(units[0]!.data)).toEqual(annexB(keyframe));
    expect(Buffer.from(units[1]!.data)).toEqual(annexB(interframe));
    expect(units[0]).toMatchObject({
      rtpTimestamp: 0,
      isKeyframe: true,
      damaged: false,
      lostBefore: 0,
      hasParameterSets: true,
      parameterSetsChanged: true,
      receivedAtMs: 10,
      endedBy: 'marker',
    });
    expect(units[1]).toMatchObject({ isKeyframe: false, damaged: false, hasParameterSets: false, rtpTimestamp: 3600 });
    expect(units[0]!.packets).toEqual(packetise(codec, keyframe).map(({ payload }) => payload));
    expect(units[1]!.nalTypes).toEqual([inter, inter]);
    expect(depacketiser.sequence?.widthPx).toBe(codec === 'h264' ? 640 : 1918);
  });

  it('ends a unit at the change of the timestamp where the marker is missing', () => {
    const { units, depacketiser } = collector(codec);
    depacketiser.push(packet(slice(codec, key, 100), { timestamp: 1 }));
    depacketiser.push(packet(slice(codec, inter, 100), { timestamp: 2 }));
    expect(units).toMatchObject([{ rtpTimestamp: 1, damaged: false, endedBy: 'timestamp' }]);
    depacketiser.flush();
    expect(units[1]).toMatchObject({ rtpTimestamp: 2, damaged: false, endedBy: 'flush' });
    expect(depacketiser.stats.unitsWithoutMarker).toBe(1);
  });

  it('marks a unit whose middle, tail or head is lost, and no other', () => {
    const payloads = packetise(codec, [slice(codec, inter, 5000)]);
    const { units, depacketiser } = collector(codec);
    const send = (from: number, to: number, timestamp: number, lostBefore = 0): void => {
      for (let i = from; i < to; i++) {
        const { payload, marker } = payloads[i]!;
        depacketiser.push(packet(payload, { marker, timestamp, lostBefore: i === from ? lostBefore : 0 }));
      }
    };
    const count = payloads.length;
    send(0, count, 1);
    send(0, 1, 2);
    send(2, count, 2, 1);
    send(0, count, 3);
    send(0, count - 1, 4);
    send(0, count, 5, 1);
    send(1, count, 6, 1);
    send(0, count, 7);
    depacketiser.flush();
    // Of the units without their beginning or middle nothing is left to decode; the next unit says that something is missing.
    expect(units.map(({ rtpTimestamp, damaged, lostBefore }) => [rtpTimestamp, damaged, lostBefore > 0])).toEqual([
      [1, false, false],
      [3, false, true],
      [5, false, true],
      [7, false, true],
    ]);
    expect(units.every((unit) => Buffer.from(unit.data).equals(annexB([slice(codec, inter, 5000)])))).toBe(true);
  });

  it('keeps the whole slices of a damaged unit', () => {
    const { units, depacketiser } = collector(codec);
    pushUnit(depacketiser, packetise(codec, keyframe), 0);
    depacketiser.push(packet(slice(codec, inter, 100), { timestamp: 1 }));
    depacketiser.push(packet(slice(codec, inter, 90, false), { timestamp: 1, marker: true, lostBefore: 1 }));
    expect(units[1]).toMatchObject({ damaged: true, lostBefore: 0 });
    expect(Buffer.from(units[1]!.data)).toEqual(annexB([slice(codec, inter, 100), slice(codec, inter, 90, false)]));
    expect(depacketiser.stats.unitsDamaged).toBe(1);
  });

  it('takes a unit as damaged that begins with a later slice behind a loss, or at the very start', () => {
    const { units, depacketiser } = collector(codec);
    depacketiser.push(packet(slice(codec, inter, 100, false), { timestamp: 1, marker: true }));
    depacketiser.push(packet(slice(codec, inter, 100, false), { timestamp: 2, marker: true, lostBefore: 1 }));
    depacketiser.push(packet(slice(codec, inter, 100, true), { timestamp: 3, marker: true, lostBefore: 1 }));
    expect(units.map((unit) => unit.damaged)).toEqual([true, true, false]);
  });

  it('puts the known parameter sets into a keyframe that has none', () => {
    const { units, depacketiser } = collector(codec, { parameterSets: sets });
    const bare = slice(codec, key, 100);
    pushUnit(depacketiser, packetise(codec, [bare]), 0);
    expect(Buffer.from(units[0]!.data)).toEqual(annexB([...sets, bare]));
    expect(units[0]).toMatchObject({ hasParameterSets: true, parameterSetsChanged: false });
    // The packets are as they came.
    expect(units[0]!.packets).toEqual([bare]);
  });

  it('puts them behind an access unit delimiter, and all of them where one is missing', () => {
    const { units, depacketiser } = collector(codec, { parameterSets: sets });
    const delimiter = codec === 'h264' ? Buffer.from([9, 0x10]) : Buffer.from([35 << 1, 1, 0x50]);
    pushUnit(depacketiser, packetise(codec, [delimiter, sets[0]!, slice(codec, key, 100)]), 0);
    expect(Buffer.from(units[0]!.data)).toEqual(annexB([delimiter, ...sets, sets[0]!, slice(codec, key, 100)]));
  });

  it('repeats them now and then in a stream without keyframes', () => {
    const { units, depacketiser } = collector(codec, { parameterSets: sets });
    for (let second = 0; second < 12; second++) {
      pushUnit(depacketiser, packetise(codec, [slice(codec, inter, 50)]), second, second * 1000);
    }
    expect(units.flatMap((unit, index) => (unit.hasParameterSets ? [index] : []))).toEqual([5, 10]);
  });

  it('does not end a unit at a marker on parameter sets alone', () => {
    const { units, depacketiser } = collector(codec);
    for (const nal of [...sets, sei]) depacketiser.push(packet(nal, { marker: true, timestamp: 5 }));
    depacketiser.push(packet(slice(codec, key, 100), { marker: true, timestamp: 9 }));
    expect(units).toHaveLength(1);
    expect(units[0]).toMatchObject({ rtpTimestamp: 9, isKeyframe: true, hasParameterSets: true, damaged: false });
    expect(units[0]!.packets).toHaveLength(sets.length + 2);
  });

  it('stops believing in markers that come with every slice', () => {
    const { units, depacketiser } = collector(codec);
    const send = (timestamp: number): void => {
      for (const first of [true, false])
        depacketiser.push(packet(slice(codec, inter, 60, first), { timestamp, marker: true }));
    };
    for (const timestamp of [1, 2, 3]) send(timestamp);
    depacketiser.flush();
    expect(units.map(({ rtpTimestamp, damaged, nalTypes }) => [rtpTimestamp, damaged, nalTypes.length])).toEqual([
      [1, false, 1],
      [1, true, 1],
      [2, false, 2],
      [3, false, 2],
    ]);
  });

  it('tells of a source reset, and takes the unit before it as damaged', () => {
    const { units, depacketiser } = collector(codec);
    depacketiser.push(packet(slice(codec, key, 60), { timestamp: 1 }));
    depacketiser.push(packet(slice(codec, key, 60), { timestamp: 1, marker: true, sourceReset: true }));
    depacketiser.push(packet(slice(codec, inter, 60), { timestamp: 2, marker: true }));
    expect(units.map(({ damaged, sourceReset }) => [damaged, sourceReset])).toEqual([
      [true, false],
      [false, true],
      [false, false],
    ]);
  });

  it('drops a unit that outgrows the bound, says so, and goes on', () => {
    const { units, depacketiser } = collector(codec, { maxUnitBytes: 100_000 });
    for (let i = 0; i < 500; i++) depacketiser.push(packet(slice(codec, inter, 1000, i === 0), { timestamp: 1 }));
    for (let i = 0; i < 50_000; i++) depacketiser.push(packet(new Uint8Array(0), { timestamp: 2 }));
    pushUnit(depacketiser, packetise(codec, keyframe), 3);
    expect(units).toMatchObject([{ rtpTimestamp: 3, damaged: false }]);
    expect(units[0]!.lostBefore).toBeGreaterThan(0);
    expect(depacketiser.stats.unitsOversized).toBe(2);
    expect(depacketiser.stats.bufferedBytes).toBeLessThanOrEqual(100_000);
  });

  it('gives out memory of its own', () => {
    const { units, depacketiser } = collector(codec);
    pushUnit(depacketiser, packetise(codec, keyframe), 0);
    const copy = Buffer.from(units[0]!.data);
    pushUnit(depacketiser, packetise(codec, interframe), 1);
    expect(Buffer.from(units[0]!.data)).toEqual(copy);
    expect(units[0]!.data.buffer.byteLength).toBe(copy.length);
  });
});

describe('what is not supported or malformed', () => {
  const h264 = (...bytes: number[]): [VideoCodec, Buffer] => ['h264', Buffer.from(bytes)];
  const h265 = (...bytes: number[]): [VideoCodec, Buffer] => ['h265', Buffer.from(bytes)];

  it.each<[string, [VideoCodec, Buffer], 'payloadsUnsupported' | 'payloadsMalformed']>([
    ['STAP-B', h264(25, 0, 0, 0, 1, 1), 'payloadsUnsupported'],
    ['MTAP16', h264(26, 0, 0, 0, 1, 1), 'payloadsUnsupported'],
    ['FU-B', h264(29, 0x85, 0, 0, 1), 'payloadsUnsupported'],
    ['PACI', h265(50 << 1, 1, 0, 0, 0), 'payloadsUnsupported'],
    ['an H.264 type that is reserved', h264(30, 1, 2), 'payloadsMalformed'],
    ['an H.264 aggregate that is cut short', h264(24, 0, 9, 0x67), 'payloadsMalformed'],
    ['an H.264 aggregate within an aggregate', h264(24, 0, 2, 24, 0), 'payloadsMalformed'],
    ['an H.264 fragment without data', h264(28, 0x85), 'payloadsMalformed'],
    ['an H.265 unit without data', h265(2, 1), 'payloadsMalformed'],
    ['an H.265 aggregate that is cut short', h265(48 << 1, 1, 0, 9, 2), 'payloadsMalformed'],
    ['an H.265 fragment of a fragment', h265(49 << 1, 1, 0x80 | 49, 1), 'payloadsMalformed'],
  ])('%s is counted and damages the unit', (_name, [codec, payload], counter) => {
    const { units, depacketiser } = collector(codec);
    depacketiser.push(packet(slice(codec, 1, 50), { timestamp: 1 }));
    depacketiser.push(packet(payload, { timestamp: 1, marker: true }));
    expect(depacketiser.stats[counter]).toBe(1);
    expect(units).toMatchObject([{ damaged: true }]);
  });

  it('an end bit that is missing does not matter where no packet is', () => {
    const { units, depacketiser } = collector('h264');
    const nal = slice('h264', 5, 3000);
    const payloads = packetise('h264', [nal]);
    payloads.at(-1)!.payload[1]! &= 0xbf;
    pushUnit(depacketiser, payloads, 0);
    expect(Buffer.from(units[0]!.data)).toEqual(annexB([nal]));
    expect(units[0]!.damaged).toBe(false);
  });
});
